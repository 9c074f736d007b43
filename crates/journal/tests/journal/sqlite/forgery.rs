//! Somebody with a database tool and the right to write the file.

use journal::{Damage, DamageKind, Head, Journal, Place, Sqlite, UnavailableKind};
use rusqlite::Connection;

use crate::samples_of_work::{NOBODY, append};
use crate::scratch::Scratch;

const UNLOCK: &str = "DROP TRIGGER entries_are_appended; DROP TRIGGER entries_stay; DROP TRIGGER entries_are_final;
    DROP TRIGGER samples_are_appended; DROP TRIGGER samples_stay; DROP TRIGGER samples_are_final;";

#[tokio::test]
async fn the_file_itself_refuses_edits() {
    let (scratch, head) = written().await;
    let tool = Connection::open(scratch.journal()).unwrap();
    for sql in [
        "UPDATE entries SET body = '{}' WHERE position = 3",
        "DELETE FROM entries WHERE position = 3",
        "DELETE FROM entries",
        "INSERT OR REPLACE INTO entries SELECT position, stream, seq, at_ms, actor, kind, '{}', hash FROM entries WHERE position = 3",
        "REPLACE INTO entries SELECT 8, stream, seq, at_ms, actor, kind, '{}', hash FROM entries WHERE position = 3",
        "INSERT INTO entries SELECT 9, stream, 9, at_ms, actor, kind, body, hash FROM entries WHERE position = 3",
        "UPDATE samples SET body = '0'",
        "DELETE FROM samples",
        "REPLACE INTO samples SELECT stream, n, after_seq, '0', hash FROM samples WHERE n = 1",
        "UPDATE lease SET fence = fence - 1",
        "DELETE FROM lease",
    ] {
        assert!(tool.execute(sql, ()).is_err(), "{sql}");
    }
    assert_eq!(Sqlite::open(scratch.journal()).unwrap().verify().await.unwrap().head, head);
}

#[tokio::test]
async fn edits_behind_its_back_are_found() {
    let entry = |position| Place::Entry { position };
    let sample = |n| Place::Sample { stream: "a".to_owned(), n };
    for (sql, what, place) in [
        ("UPDATE entries SET body = '{\"share\": 6}' WHERE position = 3", DamageKind::Altered, entry(3)),
        ("UPDATE entries SET actor = 'bob' WHERE position = 3", DamageKind::Altered, entry(3)),
        ("UPDATE entries SET at_ms = at_ms + 1 WHERE position = 3", DamageKind::Altered, entry(3)),
        ("UPDATE entries SET kind = 'x' WHERE position = 3", DamageKind::Altered, entry(3)),
        ("UPDATE entries SET stream = 'z' WHERE position = 3", DamageKind::Altered, entry(3)),
        ("UPDATE entries SET seq = 40 WHERE position = 3", DamageKind::Altered, entry(3)),
        ("UPDATE entries SET hash = zeroblob(32) WHERE position = 3", DamageKind::Altered, entry(3)),
        ("DELETE FROM entries WHERE position = 3", DamageKind::Missing, entry(3)),
        ("DELETE FROM entries WHERE position = 1", DamageKind::Missing, entry(1)),
        (
            "DELETE FROM entries WHERE position = 3; UPDATE entries SET position = position - 1 WHERE position > 3",
            DamageKind::Altered,
            entry(3),
        ),
        (
            "UPDATE entries SET position = 100 WHERE position = 3; UPDATE entries SET position = 3 WHERE position = 4;
             UPDATE entries SET position = 4 WHERE position = 100",
            DamageKind::Altered,
            entry(3),
        ),
        ("UPDATE samples SET body = '[9]' WHERE n = 2", DamageKind::Altered, sample(2)),
        ("UPDATE samples SET after_seq = 3 WHERE n = 2", DamageKind::Altered, sample(2)),
        ("DELETE FROM samples WHERE n = 2", DamageKind::Missing, sample(2)),
    ] {
        let found = after(sql).await.unwrap_err();
        assert_eq!((found.what, found.place), (what, place), "{sql}");
    }
}

/// Whoever reads is not handed the edit either, and what lies before it is still read.
#[tokio::test]
async fn edits_behind_its_back_are_not_read() {
    let (scratch, _) = written().await;
    forge(
        &scratch,
        "UPDATE samples SET body = '[9]' WHERE n = 2; UPDATE entries SET body = '{\"share\": 6}' WHERE position = 3",
    );
    let journal = Sqlite::open(scratch.journal()).unwrap();
    let unavailable = journal.read_samples("a", 0, 10).await.unwrap_err();
    let place = Place::Sample { stream: "a".to_owned(), n: 2 };
    assert_eq!((unavailable.kind, unavailable.place), (UnavailableKind::Damaged, Some(place)));
    assert_eq!(journal.read_samples("a", 0, 1).await.unwrap().len(), 1);
    let unavailable = journal.read_stream("a", 0, 10).await.unwrap_err();
    let place = Place::Entry { position: 3 };
    assert_eq!((unavailable.kind, unavailable.place), (UnavailableKind::Damaged, Some(place)));
    assert_eq!(journal.read_stream("a", 0, 2).await.unwrap().len(), 2);
}

/// Said plainly: a tail that was cut off leaves a journal that is whole, only shorter. The anchor knows.
#[tokio::test]
async fn a_cut_tail_is_found_by_the_anchor_alone() {
    let (scratch, anchor) = written().await;
    forge(&scratch, "DELETE FROM entries WHERE position > 5");
    let journal = Sqlite::open(scratch.journal()).unwrap();
    assert_eq!(journal.verify().await.unwrap().entries, 5);
    let damage = journal.verify_against(anchor).await.unwrap_err();
    assert_eq!((damage.what, damage.place), (DamageKind::Truncated, Place::Entry { position: 6 }));
}

/// A measurement that follows an entry which was cut off gives the cut away.
#[tokio::test]
async fn a_sample_without_its_entry_is_found() {
    let found = after("DELETE FROM entries WHERE position > 2").await.unwrap_err();
    assert_eq!((found.what, found.place), (DamageKind::Missing, Place::Sample { stream: "a".to_owned(), n: 3 }));
}

#[tokio::test]
async fn a_cell_of_another_type_is_found() {
    let found = after("PRAGMA ignore_check_constraints = 1; UPDATE entries SET hash = x'00' WHERE position = 3").await;
    assert!(matches!(&found, Err(Damage { place: Place::Entry { position: 3 }, .. })), "{found:?}");
}

async fn after(sql: &str) -> Result<journal::Report, Damage> {
    let (scratch, _) = written().await;
    forge(&scratch, sql);
    Sqlite::open_read_only(scratch.journal()).unwrap().verify().await
}

fn forge(scratch: &Scratch, sql: &str) {
    Connection::open(scratch.journal()).unwrap().execute_batch(&format!("{UNLOCK} {sql}")).unwrap();
}

/// Four entries of `a` and three of `b`, with three samples of `a`, and the end of the chain.
async fn written() -> (Scratch, Head) {
    let scratch = Scratch::new();
    let journal = Sqlite::open(scratch.journal()).unwrap();
    append(&journal, "a", 0, 4).await.unwrap();
    append(&journal, "b", 0, 3).await.unwrap();
    for (n, after_seq) in [(0, 1), (1, 2), (2, 4)] {
        journal.append_sample("a", n, after_seq, NOBODY, format!("[{n}]")).await.unwrap();
    }
    let head = journal.head().await.unwrap();
    (scratch, head)
}
