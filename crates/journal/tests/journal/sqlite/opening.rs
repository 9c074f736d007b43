//! What a file must be to be opened, and that it persists.

use std::fs;

use journal::{Head, Journal, OpenError, Sqlite, UnavailableKind};
use rusqlite::Connection;

use super::role;
use crate::samples_of_work::{NOBODY, append, drafts, everything};
use crate::scratch::Scratch;

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let scratch = Scratch::new();
    let (written, lease) = {
        let journal = Sqlite::open(scratch.journal()).unwrap();
        append(&journal, "a", 0, 3).await.unwrap();
        journal.append_sample("a", 0, 2, NOBODY, "[1]".to_owned()).await.unwrap();
        (everything(&journal).await, journal.acquire("one", 0, 500).await.unwrap())
    };
    let journal = Sqlite::open(scratch.journal()).unwrap();
    assert_eq!(everything(&journal).await, written);
    assert_eq!(journal.verify().await.unwrap().samples, 1);
    // The lease as well: the next leader waits, the last one renews and goes on.
    assert!(journal.acquire("two", 499, 500).await.is_err());
    assert_eq!(journal.renew(&lease, 499, 500).await.unwrap().fence, lease.fence);
    assert!(journal.append("a", 3, lease.fence, drafts(1)).await.is_ok());
}

#[tokio::test]
async fn closing_carries_out_what_is_queued_and_leaves_one_file() {
    let scratch = Scratch::new();
    let journal = std::sync::Arc::new(Sqlite::open(scratch.journal()).unwrap());
    let writers: Vec<_> = (0..50)
        .map(|n| {
            let journal = journal.clone();
            tokio::spawn(async move { append(&*journal, &format!("s{n}"), 0, 1).await })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap().unwrap();
    }
    drop(journal);
    let names: Vec<_> = fs::read_dir(scratch.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["journal.db"]);
    assert_eq!(Sqlite::open(scratch.journal()).unwrap().head().await.unwrap().position, 50);
}

#[test]
fn a_later_schema_is_refused_and_left_alone() {
    let scratch = Scratch::new();
    drop(Sqlite::open(scratch.journal()).unwrap());
    raw(&scratch, "PRAGMA user_version = 2");
    let before = fs::read(scratch.journal()).unwrap();
    for opened in [Sqlite::open(scratch.journal()), Sqlite::open_read_only(scratch.journal())] {
        let error = opened.err().unwrap();
        assert!(matches!(error, OpenError::NewerSchema { found: 2, known: 1, .. }), "{error:?}");
        assert_eq!(error.code(), "TG-3032");
    }
    assert_eq!(fs::read(scratch.journal()).unwrap(), before);
}

#[test]
fn what_is_not_a_journal_is_refused_and_left_alone() {
    let text = Scratch::new();
    fs::write(text.journal(), "a letter to Ada, longer than a header of SQLite would be. ".repeat(20)).unwrap();
    let database = Scratch::new();
    raw(&database, "CREATE TABLE customers (name TEXT)");
    let someone_elses = Scratch::new();
    raw(&someone_elses, "PRAGMA application_id = 7; PRAGMA user_version = 1");
    for scratch in [text, database, someone_elses] {
        let before = fs::read(scratch.journal()).unwrap();
        for opened in [Sqlite::open(scratch.journal()), Sqlite::open_read_only(scratch.journal())] {
            let error = opened.err().unwrap();
            assert!(matches!(error, OpenError::NotAJournal { .. }), "{error:?}");
            assert_eq!(error.code(), "TG-3031");
        }
        assert_eq!(fs::read(scratch.journal()).unwrap(), before);
    }
}

#[tokio::test]
async fn an_empty_file_becomes_a_journal_only_for_a_writer() {
    let scratch = Scratch::new();
    fs::write(scratch.journal(), "").unwrap();
    let error = Sqlite::open_read_only(scratch.journal()).err().unwrap();
    assert!(matches!(error, OpenError::NotAJournal { .. }), "{error:?}");
    assert_eq!(Sqlite::open(scratch.journal()).unwrap().head().await.unwrap(), Head::EMPTY);
}

#[test]
fn a_path_that_is_not_there_is_missing() {
    let scratch = Scratch::new();
    let nowhere = scratch.path().join("nowhere/journal.db");
    for error in [Sqlite::open(nowhere).err().unwrap(), Sqlite::open_read_only(scratch.journal()).err().unwrap()] {
        assert!(matches!(error, OpenError::Missing { .. }), "{error:?}");
        assert_eq!(error.code(), "TG-3030");
    }
    assert!(!scratch.journal().exists());
}

#[test]
fn a_directory_is_no_file() {
    let scratch = Scratch::new();
    let error = Sqlite::open(scratch.path()).err().unwrap();
    assert!(matches!(&error, OpenError::Unavailable { cause, .. } if cause.kind == UnavailableKind::Io), "{error:?}");
}

#[test]
fn two_that_create_it_at_once_share_it() {
    let scratch = Scratch::new();
    let path = scratch.journal();
    let openers: Vec<_> = (0..4)
        .map(|n| {
            let path = path.clone();
            std::thread::spawn(move || {
                let journal = Sqlite::open(path).unwrap();
                role::block_on(append(&journal, &format!("s{n}"), 0, 1)).unwrap();
            })
        })
        .collect();
    openers.into_iter().for_each(|opener| opener.join().unwrap());
    let journal = Sqlite::open(path).unwrap();
    assert_eq!(role::block_on(journal.verify()).unwrap().entries, 4);
}

fn raw(scratch: &Scratch, sql: &str) {
    Connection::open(scratch.journal()).unwrap().execute_batch(sql).unwrap();
}
