//! Bytes of the file that are not what was written.

use std::fs;
use std::ops::Range;

use journal::{DamageKind, Draft, Entry, Journal, OpenError, Place, Sqlite, UnavailableKind};
use rusqlite::Connection;

use crate::samples_of_work::{NOBODY, draft};
use crate::scratch::Scratch;

const PAGE: usize = 4096;

#[tokio::test]
async fn a_page_in_the_middle() {
    let scratch = written(600).await;
    overwrite(&scratch, page_of(&scratch, "entries"), 0xA5);
    let journal = Sqlite::open(scratch.journal()).unwrap();

    let unavailable = journal.read_all(0, usize::MAX).await.unwrap_err();
    assert_eq!(unavailable.kind, UnavailableKind::Damaged);
    let Some(Place::Entry { position }) = unavailable.place else { panic!("no place: {unavailable:?}") };
    // Up to there the journal can still be read, and after the page again.
    assert_eq!(journal.read_all(0, (position - 1) as usize).await.unwrap().len() as u64, position - 1);
    assert_eq!(journal.read_all(590, 100).await.unwrap().len(), 10);

    let damage = journal.verify().await.unwrap_err();
    assert_eq!((damage.what, damage.place), (DamageKind::Structure, Place::Entry { position }));
    assert!(damage.found.contains("page"), "{}", damage.found);
}

#[tokio::test]
async fn a_letter_of_a_body() {
    let scratch = written(600).await;
    let mut bytes = fs::read(scratch.journal()).unwrap();
    let needle = b"needle-300";
    let place = bytes.windows(needle.len()).position(|window| window == needle).unwrap();
    bytes[place] = b'N';
    fs::write(scratch.journal(), bytes).unwrap();
    let journal = Sqlite::open(scratch.journal()).unwrap();
    let place = Place::Entry { position: 300 };
    for read in [journal.read_all(299, 1).await, journal.read_stream("s", 290, 20).await] {
        let unavailable = read.unwrap_err();
        assert_eq!((unavailable.kind, unavailable.place), (UnavailableKind::Damaged, Some(place.clone())));
    }
    assert_eq!(journal.tail(299).next().await.unwrap_err().kind, UnavailableKind::Damaged);
    let damage = journal.verify().await.unwrap_err();
    assert_eq!((damage.what, damage.place), (DamageKind::Altered, place));
}

#[tokio::test]
async fn a_page_of_an_index() {
    let scratch = written(600).await;
    overwrite(&scratch, page_of(&scratch, "sqlite_autoindex_entries_1"), 0x5A);
    let journal = Sqlite::open(scratch.journal()).unwrap();
    assert_eq!(journal.read_all(0, usize::MAX).await.unwrap().len(), 600);
    assert_eq!(journal.read_stream("s", 0, usize::MAX).await.unwrap_err().kind, UnavailableKind::Damaged);
    assert_eq!(journal.verify().await.unwrap_err().what, DamageKind::Structure);
}

#[tokio::test]
async fn the_first_page() {
    let scratch = written(60).await;
    overwrite(&scratch, 0..100, 0);
    let error = Sqlite::open(scratch.journal()).err().unwrap();
    assert!(matches!(error, OpenError::NotAJournal { .. }), "{error:?}");

    let scratch = written(60).await;
    overwrite(&scratch, 100..PAGE, 0);
    for opened in [Sqlite::open(scratch.journal()), Sqlite::open_read_only(scratch.journal())] {
        let error = opened.err().unwrap();
        assert!(
            matches!(&error, OpenError::Unavailable { cause, .. } if cause.kind == UnavailableKind::Damaged),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn the_last_entry_keeps_it_from_being_opened() {
    let scratch = written(60).await;
    let mut bytes = fs::read(scratch.journal()).unwrap();
    let needle = b"needle-60";
    let place = bytes.windows(needle.len()).position(|window| window == needle).unwrap();
    bytes[place] = b'N';
    fs::write(scratch.journal(), bytes).unwrap();
    let error = Sqlite::open(scratch.journal()).err().unwrap();
    let OpenError::Unavailable { cause, .. } = &error else { panic!("{error:?}") };
    assert_eq!((cause.kind, &cause.place), (UnavailableKind::Damaged, &Some(Place::Entry { position: 60 })));
    assert_eq!(error.code(), "TG-3012");
}

#[tokio::test]
async fn the_second_half_is_gone() {
    let scratch = written(600).await;
    let length = fs::metadata(scratch.journal()).unwrap().len();
    fs::File::options().write(true).open(scratch.journal()).unwrap().set_len(length / 2).unwrap();
    match Sqlite::open(scratch.journal()) {
        Err(OpenError::Unavailable { cause, .. }) => assert_eq!(cause.kind, UnavailableKind::Damaged),
        Err(other) => panic!("{other:?}"),
        Ok(journal) => assert_eq!(journal.verify().await.unwrap_err().what, DamageKind::Structure),
    }
}

/// Wherever a byte flips: either somebody says so, or every entry still reads as it was written.
#[tokio::test]
async fn any_byte_is_noticed_or_harmless() {
    let scratch = written(40).await;
    let sound = fs::read(scratch.journal()).unwrap();
    let original = everything(&scratch).await.unwrap();
    let mut noticed = 0;
    for offset in (0..sound.len()).step_by(131) {
        let mut bytes = sound.clone();
        bytes[offset] ^= 0x11;
        fs::write(scratch.journal(), &bytes).unwrap();
        match everything(&scratch).await {
            Some(read) => assert_eq!(read, original, "the byte at {offset}"),
            None => noticed += 1,
        }
    }
    assert!(noticed > sound.len() / 131 / 4, "only {noticed} were noticed");
}

/// What the journal reads as, if it opens and verifies.
async fn everything(scratch: &Scratch) -> Option<Vec<Entry>> {
    let journal = Sqlite::open_read_only(scratch.journal()).ok()?;
    journal.verify().await.ok()?;
    Some(journal.read_all(0, usize::MAX).await.unwrap())
}

/// A journal of so many entries, closed, so that all of it is in the one file.
async fn written(number: usize) -> Scratch {
    let scratch = Scratch::new();
    let journal = Sqlite::open(scratch.journal()).unwrap();
    let body = |n| format!("{{\"note\":\"needle-{n} {}\"}}", "hay ".repeat(50));
    let drafts = (1..=number).map(|n| Draft { body: body(n), ..draft("noted") }).collect();
    journal.append("s", 0, NOBODY, drafts).await.unwrap();
    scratch
}

/// Where a page from the middle of a table or index lies in the file.
fn page_of(scratch: &Scratch, name: &str) -> Range<usize> {
    let sql = "SELECT pageno FROM dbstat WHERE name = ?1 AND pagetype = 'leaf'";
    let connection = Connection::open(scratch.journal()).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let pages: Vec<usize> =
        statement.query_map([name], |row| row.get::<_, i64>(0)).unwrap().map(|page| page.unwrap() as usize).collect();
    let first = (pages[pages.len() / 2] - 1) * PAGE;
    first..first + PAGE
}

fn overwrite(scratch: &Scratch, range: Range<usize>, byte: u8) {
    let mut bytes = fs::read(scratch.journal()).unwrap();
    bytes[range].fill(byte);
    fs::write(scratch.journal(), bytes).unwrap();
}
