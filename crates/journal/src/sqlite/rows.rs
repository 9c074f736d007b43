//! Reading: from rows to entries and samples, each checked against the link before it.
//!
//! A journal that is damaged in the middle must not lead a release by what it says now. So no row is handed out unless
//! its hash follows from its content and from the hash of the row before. That costs a second lookup and about a
//! microsecond per row.

use rusqlite::{Connection, OptionalExtension, Row, Rows};

use super::fault;
use crate::lease::Holding;
use crate::{Begun, Entry, Hash, Head, Place, Sample, StreamHead, Unavailable, chain};

/// The next entries of all streams.
pub(super) fn all(connection: &Connection, after: u64, limit: usize) -> Result<Vec<Entry>, Unavailable> {
    let mut statement = connection.prepare_cached(
        "SELECT e.position, e.stream, e.seq, e.at_ms, e.actor, e.kind, e.body, e.hash, p.hash
         FROM entries e LEFT JOIN entries p ON p.position = e.position - 1
         WHERE e.position > ?1 ORDER BY e.position LIMIT ?2",
    )?;
    let mut rows = statement.query((stored(after), stored(limit as u64)))?;
    let mut entries = Vec::new();
    let mut next = after.saturating_add(1);
    while let Some(row) = rows.next().map_err(fault::at(Place::Entry { position: next }))? {
        let entry = linked_entry(row)?;
        if entry.position != next {
            return Err(Unavailable::damaged(
                Place::Entry { position: next },
                format!("missing: the next one is {}", entry.position),
            ));
        }
        next = next.saturating_add(1);
        entries.push(entry);
    }
    Ok(entries)
}

/// The next entries of one stream.
pub(super) fn stream(
    connection: &Connection,
    stream: &str,
    after: u64,
    limit: usize,
) -> Result<Vec<Entry>, Unavailable> {
    let mut statement = connection.prepare_cached(
        "SELECT e.position, e.stream, e.seq, e.at_ms, e.actor, e.kind, e.body, e.hash, p.hash
         FROM entries e LEFT JOIN entries p ON p.position = e.position - 1
         WHERE e.stream = ?1 AND e.seq > ?2 ORDER BY e.seq LIMIT ?3",
    )?;
    let mut rows = statement.query((stream, stored(after), stored(limit as u64)))?;
    let mut entries = Vec::new();
    let mut next = after.saturating_add(1);
    while let Some(row) = rows.next().map_err(fault::at(Place::Whole))? {
        let entry = linked_entry(row)?;
        if entry.seq != next {
            let place = Place::Entry { position: entry.position };
            return Err(Unavailable::damaged(
                place,
                format!("number {} of stream {stream} where {next} is due", entry.seq),
            ));
        }
        next = next.saturating_add(1);
        entries.push(entry);
    }
    Ok(entries)
}

/// The next samples of one stream.
pub(super) fn samples(
    connection: &Connection,
    stream: &str,
    after: u64,
    limit: usize,
) -> Result<Vec<Sample>, Unavailable> {
    let mut statement = connection.prepare_cached(
        "SELECT s.stream, s.n, s.after_seq, s.body, s.hash, p.hash
         FROM samples s LEFT JOIN samples p ON p.stream = s.stream AND p.n = s.n - 1
         WHERE s.stream = ?1 AND s.n > ?2 ORDER BY s.n LIMIT ?3",
    )?;
    let mut rows = statement.query((stream, stored(after), stored(limit as u64)))?;
    let mut samples = Vec::new();
    let mut next = after.saturating_add(1);
    while let Some(row) = rows.next().map_err(fault::at(sample_place(stream, next)))? {
        let sample = sample(row).map_err(fault::at(sample_place(stream, next)))?;
        let before = before(row, 5, sample.n).map_err(fault::at(sample_place(stream, next)))?;
        if sample.n != next || before.is_none_or(|before| chain::sample_hash(before, &sample) != sample.hash) {
            return Err(Unavailable::damaged(sample_place(stream, next), "it does not follow from the one before"));
        }
        next = next.saturating_add(1);
        samples.push(sample);
    }
    Ok(samples)
}

/// The streams under a prefix. Walks from name to name through the index instead of over every entry.
pub(super) fn streams(connection: &Connection, prefix: &str) -> Result<Vec<StreamHead>, Unavailable> {
    let snapshot = connection.unchecked_transaction()?;
    let mut heads: Vec<StreamHead> = Vec::new();
    let mut first =
        connection.prepare_cached("SELECT stream FROM entries WHERE stream >= ?1 ORDER BY stream LIMIT 1")?;
    let mut following =
        connection.prepare_cached("SELECT stream FROM entries WHERE stream > ?1 ORDER BY stream LIMIT 1")?;
    let mut found: Option<String> = first.query_row([prefix], |row| row.get(0)).optional()?;
    while let Some(stream) = found.filter(|stream| stream.starts_with(prefix)) {
        found = following.query_row([&stream], |row| row.get(0)).optional()?;
        heads.push(StreamHead { seq: stream_seq(connection, &stream)?, stream });
    }
    snapshot.finish()?;
    Ok(heads)
}

/// The streams under a prefix that began after a position. Reads what was appended since and nothing before it.
pub(super) fn begun(connection: &Connection, prefix: &str, after: u64) -> Result<Begun, Unavailable> {
    let snapshot = connection.unchecked_transaction()?;
    let mut first =
        connection.prepare_cached("SELECT stream FROM entries WHERE position > ?1 AND seq = 1 ORDER BY position")?;
    let names = first.query_map([stored(after)], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let upto = head(connection)?.position;
    snapshot.finish()?;
    Ok(Begun { streams: names.into_iter().filter(|stream| stream.starts_with(prefix)).collect(), upto })
}

/// The end of the chain.
pub(super) fn head(connection: &Connection) -> Result<Head, Unavailable> {
    let mut statement =
        connection.prepare_cached("SELECT position, hash FROM entries ORDER BY position DESC LIMIT 1")?;
    let head = statement.query_row((), |row| Ok(Head { position: number(row, 0)?, hash: Hash(row.get(1)?) }));
    Ok(head.optional()?.unwrap_or(Head::EMPTY))
}

/// Checks the last entry and the lease, for these are what the next append stands on.
pub(super) fn check_end(connection: &Connection) -> Result<(), Unavailable> {
    let last = head(connection)?.position;
    all(connection, last.saturating_sub(1), 1)?;
    holding(connection)?;
    Ok(())
}

/// The number of a stream's last entry, 0 when there is none.
pub(super) fn stream_seq(connection: &Connection, stream: &str) -> Result<u64, Unavailable> {
    let mut statement = connection.prepare_cached("SELECT coalesce(max(seq), 0) FROM entries WHERE stream = ?1")?;
    Ok(statement.query_row([stream], |row| number(row, 0))?)
}

/// Number, place in the stream and hash of a stream's last sample.
pub(super) fn last_sample(connection: &Connection, stream: &str) -> Result<(u64, u64, Hash), Unavailable> {
    let mut statement = connection
        .prepare_cached("SELECT n, after_seq, hash FROM samples WHERE stream = ?1 ORDER BY n DESC LIMIT 1")?;
    let last = statement.query_row([stream], |row| Ok((number(row, 0)?, number(row, 1)?, Hash(row.get(2)?))));
    Ok(last.optional()?.unwrap_or((0, 0, Hash::ZERO)))
}

/// The newest fence and who holds the lease.
pub(super) fn holding(connection: &Connection) -> Result<Holding, Unavailable> {
    let mut statement = connection.prepare_cached("SELECT fence, holder, until_ms FROM lease WHERE one = 1")?;
    statement
        .query_row((), |row| Ok(Holding { fence: number(row, 0)?, holder: row.get(1)?, until_ms: row.get(2)? }))
        .map_err(fault::at(Place::Whole))
}

/// Hands every entry to `visit`, in order of position, unchecked.
pub(super) fn each_entry<E: From<Unavailable>>(
    connection: &Connection,
    mut visit: impl FnMut(&Entry) -> Result<(), E>,
) -> Result<(), E> {
    let mut statement = connection
        .prepare("SELECT position, stream, seq, at_ms, actor, kind, body, hash FROM entries ORDER BY position")
        .map_err(Unavailable::from)?;
    let mut rows = statement.query(()).map_err(Unavailable::from)?;
    let mut next = 1;
    while let Some(row) = advance(&mut rows, Place::Entry { position: next })? {
        visit(&entry(row).map_err(fault::at(Place::Entry { position: next }))?)?;
        next += 1;
    }
    Ok(())
}

/// Hands every sample to `visit`, in order of stream and number, unchecked.
pub(super) fn each_sample<E: From<Unavailable>>(
    connection: &Connection,
    mut visit: impl FnMut(&Sample) -> Result<(), E>,
) -> Result<(), E> {
    let mut statement = connection
        .prepare("SELECT stream, n, after_seq, body, hash FROM samples ORDER BY stream, n")
        .map_err(Unavailable::from)?;
    let mut rows = statement.query(()).map_err(Unavailable::from)?;
    let mut place = Place::Whole;
    while let Some(row) = advance(&mut rows, place.clone())? {
        let sample = sample(row).map_err(fault::at(place))?;
        visit(&sample)?;
        place = sample_place(&sample.stream, sample.n.saturating_add(1));
    }
    Ok(())
}

/// A number as SQLite stores it. Nothing lies beyond the largest, so a question for more gets the same answer.
pub(super) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn advance<'r, 's>(rows: &'r mut Rows<'s>, place: Place) -> Result<Option<&'r Row<'s>>, Unavailable> {
    rows.next().map_err(fault::at(place))
}

fn linked_entry(row: &Row<'_>) -> Result<Entry, Unavailable> {
    let position = number(row, 0).map_err(fault::at(Place::Whole))?;
    let place = || Place::Entry { position };
    let entry = entry(row).map_err(fault::at(place()))?;
    let Some(before) = before(row, 8, position).map_err(fault::at(place()))? else {
        return Err(Unavailable::damaged(place(), "the entry before it is missing"));
    };
    if chain::entry_hash(before, &entry) != entry.hash {
        return Err(Unavailable::damaged(place(), "its hash does not follow from its content and the entry before"));
    }
    Ok(entry)
}

/// The hash that number `n` links to: of the row before, of nothing for the first, `None` when the row is missing.
fn before(row: &Row<'_>, column: usize, n: u64) -> rusqlite::Result<Option<Hash>> {
    let linked = row.get::<_, Option<[u8; 32]>>(column)?.map(Hash);
    Ok(if n == 1 { Some(Hash::ZERO) } else { linked })
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        position: number(row, 0)?,
        stream: row.get(1)?,
        seq: number(row, 2)?,
        at_ms: row.get(3)?,
        actor: row.get(4)?,
        kind: row.get(5)?,
        body: row.get(6)?,
        hash: Hash(row.get(7)?),
    })
}

fn sample(row: &Row<'_>) -> rusqlite::Result<Sample> {
    Ok(Sample {
        stream: row.get(0)?,
        n: number(row, 1)?,
        after_seq: number(row, 2)?,
        body: row.get(3)?,
        hash: Hash(row.get(4)?),
    })
}

fn sample_place(stream: &str, n: u64) -> Place {
    Place::Sample { stream: stream.to_owned(), n }
}

fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}
