//! How the file is opened, and how every connection is set.

use std::fs::File;
use std::io::ErrorKind;
use std::ops::Deref;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::open_error::OpenError;
use super::schema::{self, Content};
use super::still::{Log, Still, log};
use super::{rows, schema::VERSION};
use crate::{Unavailable, UnavailableKind};

/// How long another process may hold the file before we say so.
const BUSY: Duration = Duration::from_secs(2);

/// What the log keeps of the disk between bursts.
const LOG_BYTES: i64 = 16 << 20;

/// A journal's file, to open connections on.
#[derive(Clone)]
pub(super) struct Source {
    path: PathBuf,
    /// Device and inode: a file that was put in the place of ours is not ours.
    identity: (u64, u64),
    /// Whether this process only ever reads it.
    read_only: bool,
}

/// A connection that reads.
pub(super) struct Reading {
    connection: Connection,
    /// What the file was when it was opened as one that nobody writes.
    still: Option<Still>,
}

impl Deref for Reading {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl Reading {
    /// Whether what was read through this connection can be believed. A file that nobody wrote when it was opened is read
    /// without locks; once somebody writes it, it has to be opened anew.
    pub(super) fn holds(&self, source: &Source) -> bool {
        self.still.as_ref().is_none_or(|still| still.holds(&source.path))
    }
}

impl Source {
    /// Opens for writing and creates what is missing.
    pub(super) fn open_or_create(path: &Path) -> Result<(Self, Connection), OpenError> {
        let missing_directory =
            path.parent().is_some_and(|directory| !directory.as_os_str().is_empty() && !directory.is_dir());
        if missing_directory {
            return Err(OpenError::Missing { path: path.to_owned() });
        }
        let refuse = |cause| OpenError::Unavailable { path: path.to_owned(), cause: with_directory(path, cause) };
        let connection =
            open(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE).map_err(&refuse)?;
        if let Content::Empty = usable(&connection, path)? {
            found(&connection).map_err(&refuse)?;
            usable(&connection, path)?;
        }
        prepare_to_write(&connection).map_err(&refuse)?;
        let source = Self { path: path.to_owned(), identity: identity(path).map_err(&refuse)?, read_only: false };
        Ok((source, connection))
    }

    /// An existing journal, for reading.
    pub(super) fn existing(path: &Path) -> Result<Self, OpenError> {
        if !path.is_file() {
            return Err(OpenError::Missing { path: path.to_owned() });
        }
        let refuse = refusal(path);
        let source = Self { path: path.to_owned(), identity: identity(path).map_err(&refuse)?, read_only: true };
        let connection = source.reading().map_err(&refuse)?;
        match usable(&connection, path)? {
            Content::Empty => Err(OpenError::NotAJournal { path: path.to_owned(), found: "empty".to_owned() }),
            // A damaged end is no reason to refuse: an audit is what this is for.
            Content::Journal | Content::Newer(_) | Content::Foreign(_) => Ok(source),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Another connection that reads.
    pub(super) fn reading(&self) -> Result<Reading, Unavailable> {
        let still = if self.read_only { self.still()? } else { None };
        let connection = match &still {
            None => self.shared()?,
            Some(_) => {
                open(Path::new(&frozen_uri(&self.path)), OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI)?
            }
        };
        connection.pragma_update(None, "query_only", true)?;
        self.check_in_place()?;
        Ok(Reading { connection, still })
    }

    fn shared(&self) -> Result<Connection, Unavailable> {
        open(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)
    }

    /// SQLite shares a file through two others beside it, and makes them where they are missing. What nobody writes is read
    /// without them: it may be evidence, or lie where nothing can be made.
    fn still(&self) -> Result<Option<Still>, Unavailable> {
        let still = Still::of(&self.path)?;
        let shared = || self.shared().and_then(|connection| Ok(schema::content(&connection).map(drop)?)).is_ok();
        Ok(match log(&self.path) {
            Log::None => Some(still),
            Log::Written => None,
            Log::Empty if shared() => None,
            Log::Empty => Some(still),
        })
    }

    /// The connection that writes, again, after the last one failed.
    pub(super) fn writing(&self) -> Result<Connection, Unavailable> {
        let connection = open(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        prepare_to_write(&connection)?;
        self.check_in_place()?;
        Ok(connection)
    }

    /// A file that was moved away can still be written through an open connection, and nobody would ever read it.
    pub(super) fn check_in_place(&self) -> Result<(), Unavailable> {
        if identity(&self.path)? == self.identity {
            return Ok(());
        }
        Err(Unavailable::new(UnavailableKind::Io, "another file stands where the journal was opened"))
    }
}

/// A transaction that takes the right to write at its start: it sees the true end of the journal and cannot fail half-way
/// for having read before.
pub(super) fn immediately(connection: &Connection) -> rusqlite::Result<Transaction<'_>> {
    Transaction::new_unchecked(connection, TransactionBehavior::Immediate)
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection, Unavailable> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    // The file may come from anywhere: nothing in it is run, and its inner structure is checked as it is read.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(connection)
}

/// SQLite says no more than that it cannot open a file, when it is the files beside ours that it may not create.
fn with_directory(path: &Path, cause: Unavailable) -> Unavailable {
    let probe = path.with_file_name(format!(".journal-probe-{}", std::process::id()));
    match (cause.kind, File::create_new(&probe)) {
        (UnavailableKind::Io, Err(error))
            if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) =>
        {
            Unavailable::new(
                UnavailableKind::ReadOnly,
                format!("{}; nothing can be created beside it: {error}", cause.detail),
            )
        }
        (_, Ok(_)) => {
            // Whether it can be removed again changes nothing about the cause.
            let _ = std::fs::remove_file(&probe);
            cause
        }
        (_, Err(_)) => cause,
    }
}

/// Makes a journal of an empty file. The log comes first: the mode cannot change inside a transaction.
fn found(connection: &Connection) -> Result<(), Unavailable> {
    writable(connection)?;
    write_ahead(connection)?;
    Ok(schema::create(connection)?)
}

fn prepare_to_write(connection: &Connection) -> Result<(), Unavailable> {
    writable(connection)?;
    write_ahead(connection)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Where a plain sync leaves the data in the drive's cache (macOS), ask for more. Elsewhere it changes nothing.
    connection.pragma_update(None, "fullfsync", true)?;
    // What a long reader made the log grow to is given back.
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "recursive_triggers", true)?;
    rows::check_end(connection)
}

/// SQLite opens a file that it may not write for reading, without a word.
fn writable(connection: &Connection) -> Result<(), Unavailable> {
    if connection.is_readonly("main")? {
        return Err(Unavailable::new(UnavailableKind::ReadOnly, "the file cannot be opened for writing"));
    }
    Ok(())
}

/// Turns the log on. SQLite does not wait for others here, lest two wait for each other, so we do.
fn write_ahead(connection: &Connection) -> Result<(), Unavailable> {
    let begun = Instant::now();
    loop {
        let mode = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
        match mode.map_err(Unavailable::from) {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                let detail = format!("the file system offers no write-ahead log, only {mode}");
                return Err(Unavailable::new(UnavailableKind::Io, detail));
            }
            Err(locked) if locked.kind == UnavailableKind::Busy && begun.elapsed() < BUSY => {
                std::thread::sleep(BUSY / 200);
            }
            Err(unavailable) => return Err(unavailable),
        }
    }
}

fn usable(connection: &Connection, path: &Path) -> Result<Content, OpenError> {
    let path = || path.to_owned();
    match schema::content(connection) {
        Ok(content @ (Content::Empty | Content::Journal)) => Ok(content),
        Ok(Content::Newer(found)) => Err(OpenError::NewerSchema { path: path(), found, known: VERSION }),
        Ok(Content::Foreign(found)) => Err(OpenError::NotAJournal { path: path(), found }),
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => {
            Err(OpenError::NotAJournal { path: path(), found: "not a SQLite database".to_owned() })
        }
        Err(error) => Err(OpenError::Unavailable { path: path(), cause: error.into() }),
    }
}

fn refusal(path: &Path) -> impl Fn(Unavailable) -> OpenError {
    let path = path.to_owned();
    move |cause| OpenError::Unavailable { path: path.clone(), cause }
}

fn identity(path: &Path) -> Result<(u64, u64), Unavailable> {
    match path.metadata() {
        Ok(metadata) => Ok((metadata.dev(), metadata.ino())),
        Err(error) => {
            Err(Unavailable::new(UnavailableKind::Io, format!("the journal's file cannot be found: {error}")))
        }
    }
}

fn frozen_uri(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri + "?immutable=1"
}
