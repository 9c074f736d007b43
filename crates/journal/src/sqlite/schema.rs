//! The tables, and the rules that the file itself keeps whoever opens it.
//!
//! The triggers are no defence against somebody who may write the file (they can be dropped; `verify` finds what was done
//! then). They stop mistakes: a repair script, a second program, a bug of ours. `INSERT OR REPLACE` deletes without
//! firing a delete trigger, which is why the insert triggers insist on the next free number.

use rusqlite::{Connection, Transaction};

use super::connection::immediately;

/// "TGjr": which of all SQLite files are journals.
const APPLICATION_ID: i64 = 0x5447_6a72;

/// The version of the tables below. A change of them is a new version with a migration from the last.
pub(super) const VERSION: i64 = 1;

const TABLES: &str = "
CREATE TABLE entries (
    position INTEGER PRIMARY KEY,
    stream   TEXT    NOT NULL,
    seq      INTEGER NOT NULL,
    at_ms    INTEGER NOT NULL,
    actor    TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    body     TEXT    NOT NULL,
    hash     BLOB    NOT NULL CHECK (length(hash) = 32),
    UNIQUE (stream, seq)
) STRICT;

CREATE TABLE samples (
    stream    TEXT    NOT NULL,
    n         INTEGER NOT NULL,
    after_seq INTEGER NOT NULL,
    body      TEXT    NOT NULL,
    hash      BLOB    NOT NULL CHECK (length(hash) = 32),
    UNIQUE (stream, n)
) STRICT;

CREATE TABLE lease (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    fence    INTEGER NOT NULL,
    holder   TEXT,
    until_ms INTEGER NOT NULL
) STRICT;
INSERT INTO lease VALUES (1, 0, NULL, 0);

CREATE TRIGGER entries_are_appended BEFORE INSERT ON entries
WHEN NEW.position IS NOT (SELECT coalesce(max(position), 0) + 1 FROM entries)
  OR NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entries WHERE stream = NEW.stream)
BEGIN SELECT raise(ABORT, 'an entry takes the next position and the next number of its stream'); END;
CREATE TRIGGER entries_stay BEFORE DELETE ON entries
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER entries_are_final BEFORE UPDATE ON entries
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;

CREATE TRIGGER samples_are_appended BEFORE INSERT ON samples
WHEN NEW.n IS NOT (SELECT coalesce(max(n), 0) + 1 FROM samples WHERE stream = NEW.stream)
BEGIN SELECT raise(ABORT, 'a sample takes the next number of its stream'); END;
CREATE TRIGGER samples_stay BEFORE DELETE ON samples
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER samples_are_final BEFORE UPDATE ON samples
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;

CREATE TRIGGER fence_rises BEFORE UPDATE ON lease WHEN NEW.fence < OLD.fence
BEGIN SELECT raise(ABORT, 'a fence only rises'); END;
CREATE TRIGGER lease_stays BEFORE DELETE ON lease
BEGIN SELECT raise(ABORT, 'the newest fence is never forgotten'); END;
";

/// What a file turned out to hold.
pub(super) enum Content {
    /// Nothing yet.
    Empty,
    /// A journal that this release can use.
    Journal,
    /// A journal of a later release, with its version.
    Newer(i64),
    /// Something else, described.
    Foreign(String),
}

/// Looks without touching, at one moment: another process may be creating the journal right now.
pub(super) fn content(connection: &Connection) -> rusqlite::Result<Content> {
    let moment = connection.unchecked_transaction()?;
    let content = content_within(&moment)?;
    moment.finish()?;
    Ok(content)
}

fn content_within(transaction: &Transaction<'_>) -> rusqlite::Result<Content> {
    let number = |sql| transaction.query_row(sql, (), |row| row.get::<_, i64>(0));
    // The tables first: reading them begins the moment.
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    let application = number("SELECT application_id FROM pragma_application_id")?;
    let version = number("SELECT user_version FROM pragma_user_version")?;
    Ok(match (application, version) {
        (APPLICATION_ID, VERSION) => Content::Journal,
        (APPLICATION_ID, version) if version > VERSION => Content::Newer(version),
        (0, 0) if tables == 0 => Content::Empty,
        (0, _) => Content::Foreign("another SQLite database".to_owned()),
        (application, version) => {
            Content::Foreign(format!("a SQLite database of application {application}, version {version}"))
        }
    })
}

/// Creates the tables, unless another process was faster.
pub(super) fn create(connection: &Connection) -> rusqlite::Result<()> {
    let transaction = immediately(connection)?;
    if matches!(content_within(&transaction)?, Content::Empty) {
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()
}
