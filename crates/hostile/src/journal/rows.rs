//! A journal's file that is not what was written: a cell that somebody edited behind its back, or bytes that the disk changed.

use crate::{is_code, soon};
use ::journal::{Draft, Entry, Fence, Journal, Sample, Sqlite, Unavailable};
use rusqlite::Connection;
use rusqlite::types::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tokio::runtime::{Builder, Runtime};

const STREAM: &str = "release/r1";
const MANY: usize = 100;

/// Every cell that is read, as `(table, column, key)`; `key` is compared with the row's number.
const CELLS: [(&str, &str, &str); 16] = [
    ("entries", "position", "position"),
    ("entries", "stream", "position"),
    ("entries", "seq", "position"),
    ("entries", "at_ms", "position"),
    ("entries", "actor", "position"),
    ("entries", "kind", "position"),
    ("entries", "body", "position"),
    ("entries", "hash", "position"),
    ("samples", "stream", "n"),
    ("samples", "n", "n"),
    ("samples", "after_seq", "n"),
    ("samples", "body", "n"),
    ("samples", "hash", "n"),
    ("lease", "fence", "one"),
    ("lease", "holder", "one"),
    ("lease", "until_ms", "one"),
];

/// The first byte says which cell is edited, the second how and in which row, the rest is the new value. From 128 on the first byte
/// means the disk itself: the next two say where, the rest overwrites what is there.
///
/// Whatever the journal then hands out is what was written; everything else is refused with a code and a next step.
pub fn journal_rows(bytes: &[u8]) {
    let Some((&kind, rest)) = bytes.split_first() else { return };
    let original = original();
    let file = Scratch::new(&original.file);
    if kind < 128 {
        edit(&file.0, kind, rest)
    } else {
        overwrite(&file.0, rest)
    }
    soon(|| match Sqlite::open_read_only(&file.0) {
        Ok(journal) => original.runtime.block_on(check(&journal, original)),
        Err(error) => assert!(is_code(error.code()) && !error.hint().is_empty(), "{error}"),
    });
}

async fn check(journal: &Sqlite, original: &Original) {
    match journal.read_all(0, MANY).await {
        Ok(entries) => assert!(original.entries.starts_with(&entries), "altered: {entries:?}"),
        Err(error) => refused(&error),
    }
    match journal.read_stream(STREAM, 0, MANY).await {
        Ok(entries) => assert!(original.entries.starts_with(&entries), "altered: {entries:?}"),
        Err(error) => refused(&error),
    }
    match journal.read_samples(STREAM, 0, MANY).await {
        Ok(samples) => assert!(original.samples.starts_with(&samples), "altered: {samples:?}"),
        Err(error) => refused(&error),
    }
    for answer in [journal.streams("").await.map(drop), journal.head().await.map(drop)] {
        if let Err(error) = answer {
            refused(&error);
        }
    }
    if let Err(damage) = journal.verify().await {
        assert!(is_code(damage.code()) && !damage.hint().is_empty() && !damage.to_string().is_empty());
    }
}

fn refused(error: &Unavailable) {
    assert!(is_code(error.code()) && !error.hint().is_empty() && !error.detail.is_empty(), "{error:?}");
}

/// A tool that knows how to get past what the file itself refuses.
fn edit(path: &Path, cell: u8, rest: &[u8]) {
    let (table, column, key) = CELLS[usize::from(cell) % CELLS.len()];
    let (&how, value) = rest.split_first().unwrap_or((&0, &[]));
    let value = match how % 4 {
        0 => Value::Integer(number(value)),
        1 => Value::Blob(value.to_vec()),
        2 => Value::Null,
        _ => Value::Text(String::from_utf8_lossy(value).into_owned()),
    };
    let tool = Connection::open(path).unwrap();
    tool.execute_batch(
        "PRAGMA ignore_check_constraints = 1; DROP TRIGGER entries_are_final; DROP TRIGGER samples_are_final;
         DROP TRIGGER fence_rises;",
    )
    .unwrap();
    // Text that is no UTF-8 comes in as bytes that are called text.
    let cast = if how & 4 == 0 { "?1" } else { "CAST(?1 AS TEXT)" };
    let row = 1 + i64::from(how >> 4) % 4;
    let sql = format!("UPDATE {table} SET {column} = {cast} WHERE {key} = {row} OR {row} = 4");
    // What a strict table refuses was tried as well.
    let _ = tool.execute(&sql, [value]);
}

fn number(bytes: &[u8]) -> i64 {
    let mut number = [0; 8];
    let length = bytes.len().min(8);
    number[..length].copy_from_slice(&bytes[..length]);
    i64::from_le_bytes(number)
}

fn overwrite(path: &Path, rest: &[u8]) {
    let [low, high, bytes @ ..] = rest else { return };
    let mut file = fs::read(path).unwrap();
    let at = usize::from(u16::from_le_bytes([*low, *high])) % file.len();
    let length = bytes.len().min(file.len() - at);
    file[at..at + length].copy_from_slice(&bytes[..length]);
    fs::write(path, file).unwrap();
}

/// The journal as it was written.
struct Original {
    file: Vec<u8>,
    entries: Vec<Entry>,
    samples: Vec<Sample>,
    runtime: Runtime,
}

fn original() -> &'static Original {
    static ORIGINAL: OnceLock<Original> = OnceLock::new();
    ORIGINAL.get_or_init(|| {
        let runtime = Builder::new_current_thread().build().unwrap();
        let scratch = Scratch::new(&[]);
        let journal = Sqlite::open(&scratch.0).unwrap();
        let (entries, samples) = runtime.block_on(write(&journal));
        drop(journal);
        Original { file: fs::read(&scratch.0).unwrap(), entries, samples, runtime }
    })
}

async fn write(journal: &Sqlite) -> (Vec<Entry>, Vec<Sample>) {
    let lease = journal.acquire("replica", 0, 10_000).await.unwrap();
    let draft = |n| Draft {
        kind: "held".into(),
        at_ms: n,
        actor: "ada".into(),
        body: format!(r#"{{"kind":"held","reason":"{n}"}}"#),
    };
    let entries = journal.append(STREAM, 0, lease.fence, (1..=3).map(draft).collect()).await.unwrap();
    let mut samples = Vec::new();
    for n in 0..3 {
        let body = format!("[{n}]");
        samples.push(journal.append_sample(STREAM, n, 1, Fence(lease.fence.0), body).await.unwrap());
    }
    (entries, samples)
}

/// A file that goes away.
struct Scratch(PathBuf);

impl Scratch {
    fn new(content: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("tidegate-hostile-{}.db", std::process::id()));
        let scratch = Self(path);
        scratch.remove();
        if !content.is_empty() {
            fs::write(&scratch.0, content).unwrap();
        }
        scratch
    }

    fn remove(&self) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let mut path = self.0.clone().into_os_string();
            path.push(suffix);
            let _ = fs::remove_file(path);
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.remove();
    }
}
