//! A disk that fills up, truly: a small file system, and a limit on the size of files. Where the machine offers no way to
//! mount one, the test of the writer itself still covers SQLite's own limit.

use std::fs;
use std::path::Path;
use std::process::Command;

use journal::{AppendError, Draft, Journal, Sqlite, UnavailableKind};

use super::role;
use crate::samples_of_work::{NOBODY, draft};
use crate::scratch::Scratch;

const MOUNT: &str = r#"mount -t tmpfs -o size=1m none "$JOURNAL_TEST_ROLE" && exec "$0" "$@""#;
const LIMIT: &str = r#"trap "" XFSZ; ulimit -f 256; exec "$0" "$@""#;

#[test]
fn a_full_disk_is_said_and_survived() {
    if let Some(directory) = role::assigned() {
        role::block_on(fill_and_make_room(&directory));
        println!("recovered");
        return;
    }
    let namespace = ["unshare", "--user", "--map-root-user", "--mount"];
    let may_mount = Command::new(namespace[0]).args(&namespace[1..]).arg("true").status().is_ok_and(|s| s.success());
    if !may_mount {
        println!("not checked on a real file system: this machine does not let a test mount one");
        return;
    }
    let wrapper = [&namespace[..], &["sh", "-c", MOUNT]].concat();
    assert_child(&wrapper, "sqlite::full::a_full_disk_is_said_and_survived", "recovered");
}

#[test]
fn a_limit_on_files_is_said_and_survived() {
    if let Some(directory) = role::assigned() {
        role::block_on(async {
            let journal = Sqlite::open(directory.join("journal.db")).unwrap();
            let (written, error) = fill(&journal).await;
            assert!(matches!(error, UnavailableKind::Io | UnavailableKind::DiskFull), "{error:?}");
            assert_eq!(journal.verify().await.unwrap().entries, written);
            assert_eq!(journal.read_stream("s", 0, usize::MAX).await.unwrap().len() as u64, written);
        });
        println!("survived");
        return;
    }
    assert_child(&["sh", "-c", LIMIT], "sqlite::full::a_limit_on_files_is_said_and_survived", "survived");
}

async fn fill_and_make_room(directory: &Path) {
    let ballast = directory.join("ballast");
    fs::write(&ballast, vec![1; 300 << 10]).unwrap();
    let journal = Sqlite::open(directory.join("journal.db")).unwrap();
    let (written, error) = fill(&journal).await;
    assert_eq!(error, UnavailableKind::DiskFull);

    // Reading goes on, and what was acknowledged is there; what was refused is not.
    let stored = journal.read_stream("s", 0, usize::MAX).await.unwrap();
    assert_eq!(stored.len() as u64, written);

    // Room again, and nothing restarted.
    fs::remove_file(&ballast).unwrap();
    journal.append("s", written, NOBODY, vec![large()]).await.unwrap();
    assert_eq!(journal.verify().await.unwrap().entries, written + 1);
    drop(journal);
    let again = Sqlite::open(directory.join("journal.db")).unwrap();
    assert_eq!(again.verify().await.unwrap().entries, written + 1);
}

/// Appends until it is refused twice in a row, for what closing and opening the file frees does not count as room: how
/// many entries there are, and why there is not another one.
async fn fill(journal: &Sqlite) -> (u64, UnavailableKind) {
    let (mut written, mut refused) = (0, None);
    while written < 10_000 {
        match journal.append("s", written, NOBODY, vec![large()]).await {
            Ok(_) => (written, refused) = (written + 1, None),
            Err(AppendError::Unavailable(again)) if refused.is_some() => return (written, again.kind),
            Err(AppendError::Unavailable(first)) => refused = Some(first),
            Err(other) => panic!("{other}"),
        }
    }
    panic!("the disk never filled up");
}

fn large() -> Draft {
    Draft { body: format!("\"{}\"", "x".repeat(3_000)), ..draft("large") }
}

fn assert_child(wrapper: &[&str], test: &str, said: &str) {
    let scratch = Scratch::new();
    let output = role::under(wrapper, &std::env::current_exe().unwrap(), test, scratch.path()).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains(said), "{out}\n{err}");
}
