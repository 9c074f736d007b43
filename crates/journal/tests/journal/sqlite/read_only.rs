//! A journal that may be read and not written.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;

use journal::{AppendError, Journal, LeaseError, OpenError, Sqlite, UnavailableKind};

use super::role;
use crate::samples_of_work::append;
use crate::scratch::Scratch;

/// A user that owns nothing.
const STRANGER: u32 = 65_534;

#[tokio::test]
async fn opened_for_reading_it_refuses_every_write() {
    let scratch = Scratch::new();
    append(&Sqlite::open(scratch.journal()).unwrap(), "s", 0, 2).await.unwrap();
    let journal = Sqlite::open_read_only(scratch.journal()).unwrap();
    refuses_writes(&journal).await;
    assert_eq!(journal.verify().await.unwrap().entries, 2);
}

#[test]
fn a_file_without_the_right_to_write_is_said_to_be_so_and_can_be_audited() {
    if let Some(directory) = role::assigned() {
        role::block_on(as_a_stranger(&directory));
        println!("refused");
        return;
    }
    let scratch = Scratch::new();
    role::block_on(append(&Sqlite::open(scratch.journal()).unwrap(), "s", 0, 2)).unwrap();
    fs::set_permissions(scratch.journal(), Permissions::from_mode(0o444)).unwrap();
    fs::copy(scratch.journal(), scratch.path().join("open.db")).unwrap();
    fs::set_permissions(scratch.path().join("open.db"), Permissions::from_mode(0o666)).unwrap();
    // Another user may not be able to reach the place where tests are built.
    let executable = scratch.path().join("test");
    fs::copy(std::env::current_exe().unwrap(), &executable).unwrap();
    let test = "sqlite::read_only::a_file_without_the_right_to_write_is_said_to_be_so_and_can_be_audited";
    let mut command = role::under(&[], &executable, test, scratch.path());
    let am_root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    if am_root {
        command.uid(STRANGER).gid(STRANGER);
    } else {
        fs::set_permissions(scratch.path(), Permissions::from_mode(0o555)).unwrap();
    }
    let output = command.output().unwrap();
    fs::set_permissions(scratch.path(), Permissions::from_mode(0o755)).unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("refused"), "{out}\n{err}");
}

/// It may be evidence: what is checked is as it was, and so is its directory.
#[tokio::test]
async fn nothing_is_made_beside_a_file_that_nobody_writes() {
    let scratch = Scratch::new();
    append(&Sqlite::open(scratch.journal()).unwrap(), "s", 0, 3).await.unwrap();
    let before = changed(&scratch);
    let journal = Sqlite::open_read_only(scratch.journal()).unwrap();
    assert_eq!(journal.verify().await.unwrap().entries, 3);
    assert_eq!(journal.read_all(0, 9).await.unwrap().len(), 3);
    assert_eq!(names(scratch.path()), ["journal.db"]);
    drop(journal);
    assert_eq!(names(scratch.path()), ["journal.db"]);
    assert_eq!(changed(&scratch), before);
}

#[tokio::test]
async fn what_is_still_in_the_log_is_read() {
    let (live, copy) = (Scratch::new(), Scratch::new());
    let server = Sqlite::open(live.journal()).unwrap();
    append(&server, "s", 0, 3).await.unwrap();
    for name in ["journal.db", "journal.db-wal"] {
        fs::copy(live.path().join(name), copy.path().join(name)).unwrap();
    }
    assert_eq!(Sqlite::open_read_only(copy.journal()).unwrap().verify().await.unwrap().entries, 3);
    assert_eq!(Sqlite::open_read_only(live.journal()).unwrap().verify().await.unwrap().entries, 3);
}

#[tokio::test]
async fn a_server_may_begin_to_write_what_is_read() {
    let scratch = Scratch::new();
    append(&Sqlite::open(scratch.journal()).unwrap(), "s", 0, 3).await.unwrap();
    let reader = Sqlite::open_read_only(scratch.journal()).unwrap();
    assert_eq!(reader.read_all(0, 9).await.unwrap().len(), 3);
    let server = Sqlite::open(scratch.journal()).unwrap();
    append(&server, "s", 3, 3).await.unwrap();
    // Each of the connections may have to be opened anew, and says so once.
    let mut read = Vec::new();
    for _ in 0..9 {
        read.push(reader.read_all(0, 9).await.map(|entries| entries.len()).map_err(|error| error.kind));
    }
    assert!(read.iter().all(|read| matches!(read, Ok(6) | Err(UnavailableKind::Busy))), "{read:?}");
    assert_eq!(read.last(), Some(&Ok(6)));
    assert_eq!(reader.verify().await.unwrap().entries, 6);
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn changed(scratch: &Scratch) -> (i64, i64) {
    let file = fs::metadata(scratch.journal()).unwrap();
    (file.mtime(), file.mtime_nsec())
}

async fn as_a_stranger(directory: &Path) {
    let path = directory.join("journal.db");
    // The file itself, a file that may be written in a directory that may not, and one that is not there yet.
    for name in ["journal.db", "open.db", "new.db"] {
        let error = Sqlite::open(directory.join(name)).err().unwrap();
        assert!(
            matches!(&error, OpenError::Unavailable { cause, .. } if cause.kind == UnavailableKind::ReadOnly),
            "{name}: {error:?}"
        );
    }
    let journal = Sqlite::open_read_only(&path).unwrap();
    assert_eq!(journal.verify().await.unwrap().entries, 2);
    refuses_writes(&journal).await;
}

async fn refuses_writes(journal: &Sqlite) {
    let refused = append(journal, "s", 2, 1).await;
    assert!(
        matches!(&refused, Err(AppendError::Unavailable(cause)) if cause.kind == UnavailableKind::ReadOnly),
        "{refused:?}"
    );
    let refused = journal.acquire("one", 0, 10).await;
    assert!(
        matches!(&refused, Err(LeaseError::Unavailable(cause)) if cause.kind == UnavailableKind::ReadOnly),
        "{refused:?}"
    );
}
