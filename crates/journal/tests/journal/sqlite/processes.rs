//! More than one holds the file open. Two journals in one process are as far apart as two processes: they share the file only.

use std::time::Duration;

use journal::{AppendError, DamageKind, Journal, Sqlite, UnavailableKind};
use rusqlite::Connection;

use crate::samples_of_work::{append, drafts, everything};
use crate::scratch::Scratch;

#[tokio::test]
async fn the_fence_reaches_across() {
    let scratch = Scratch::new();
    let (one, two) = (Sqlite::open(scratch.journal()).unwrap(), Sqlite::open(scratch.journal()).unwrap());
    let old = one.acquire("one", 0, 10).await.unwrap();
    one.append("s", 0, old.fence, drafts(1)).await.unwrap();
    let new = two.acquire("two", 10, 10).await.unwrap();
    let refused = one.append("s", 1, old.fence, drafts(1)).await;
    assert_eq!(refused, Err(AppendError::Fenced { presented: old.fence, current: new.fence }));
    two.append("s", 1, new.fence, drafts(1)).await.unwrap();
    assert_eq!(everything(&one).await, everything(&two).await);
}

#[tokio::test]
async fn both_may_write_and_the_chain_holds() {
    let scratch = Scratch::new();
    let (one, two) = (Sqlite::open(scratch.journal()).unwrap(), Sqlite::open(scratch.journal()).unwrap());
    let write = async |journal: &Sqlite, stream: &str| {
        for seq in 0..100 {
            append(journal, stream, seq, 1).await.unwrap();
        }
    };
    tokio::join!(write(&one, "a"), write(&two, "b"));
    assert_eq!(one.verify().await.unwrap().entries, 200);
}

#[tokio::test]
async fn a_tail_follows_what_the_other_appends() {
    let scratch = Scratch::new();
    let writer = Sqlite::open(scratch.journal()).unwrap();
    let reader = Sqlite::open_read_only(scratch.journal()).unwrap();
    let mut tail = reader.tail(0);
    for after in 0..3 {
        let follow = tokio::time::timeout(Duration::from_secs(10), tail.next());
        // The tail finds nothing and sleeps before the other begins.
        let append_later = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            append(&writer, "s", after, 1).await
        };
        let (seen, appended) = tokio::join!(follow, append_later);
        appended.unwrap();
        assert_eq!(seen.unwrap().unwrap().position, after + 1);
    }
}

#[tokio::test]
async fn an_audit_reads_while_a_server_writes() {
    let scratch = Scratch::new();
    let server = Sqlite::open(scratch.journal()).unwrap();
    append(&server, "s", 0, 100).await.unwrap();
    let auditor = Sqlite::open_read_only(scratch.journal()).unwrap();
    let (mut written, mut verified) = (100, 0);
    while verified < 5 {
        let (report, appended) = tokio::join!(auditor.verify(), append(&server, "s", written, 10));
        appended.unwrap();
        written += 10;
        assert!(report.unwrap().entries >= 100);
        verified += 1;
    }
}

#[tokio::test]
async fn a_lock_held_too_long_is_busy_and_then_over() {
    let scratch = Scratch::new();
    let journal = Sqlite::open(scratch.journal()).unwrap();
    let other = Connection::open(scratch.journal()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = append(&journal, "s", 0, 1).await;
    assert!(
        matches!(&refused, Err(AppendError::Unavailable(cause)) if cause.kind == UnavailableKind::Busy),
        "{refused:?}"
    );
    assert_eq!(journal.read_all(0, 10).await.unwrap(), []);
    other.execute_batch("ROLLBACK").unwrap();
    append(&journal, "s", 0, 1).await.unwrap();
}

#[tokio::test]
async fn a_file_moved_away_takes_no_more_and_moved_back_it_does() {
    let scratch = Scratch::new();
    let journal = Sqlite::open(scratch.journal()).unwrap();
    append(&journal, "s", 0, 1).await.unwrap();
    let aside = scratch.path().join("aside.db");
    std::fs::rename(scratch.journal(), &aside).unwrap();
    for _ in 0..2 {
        let refused = append(&journal, "s", 1, 1).await;
        assert!(
            matches!(&refused, Err(AppendError::Unavailable(cause)) if cause.kind == UnavailableKind::Io),
            "{refused:?}"
        );
    }
    // Something else in its place is not it either.
    std::fs::write(scratch.journal(), "").unwrap();
    assert!(append(&journal, "s", 1, 1).await.is_err());
    std::fs::rename(&aside, scratch.journal()).unwrap();
    append(&journal, "s", 1, 1).await.unwrap();
    assert_eq!(journal.verify().await.unwrap().entries, 2);
}

#[tokio::test]
async fn another_journal_in_its_place_is_not_read_for_it() {
    let (scratch, other) = (Scratch::new(), Scratch::new());
    append(&Sqlite::open(other.journal()).unwrap(), "other", 0, 5).await.unwrap();
    let journal = Sqlite::open(scratch.journal()).unwrap();
    append(&journal, "s", 0, 1).await.unwrap();
    std::fs::rename(scratch.journal(), scratch.path().join("aside.db")).unwrap();
    std::fs::rename(other.journal(), scratch.journal()).unwrap();
    // Verification opens the file anew, as a reader does after any failure.
    let damage = journal.verify().await.unwrap_err();
    assert_eq!(damage.what, DamageKind::Unreadable);
    assert!(append(&journal, "s", 1, 1).await.is_err());
}
