//! The whole check, over one snapshot, on a thread and a connection of its own: a server goes on writing meanwhile.

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::connection::Source;
use super::rows;
use crate::audit::Audit;
use crate::{BoxFuture, Damage, DamageKind, Head, Place, Report, Unavailable, UnavailableKind};

/// Findings of SQLite's own check that are quoted.
const QUOTED: usize = 5;

pub(super) fn against(source: Source, anchor: Head) -> BoxFuture<'static, Result<Report, Damage>> {
    Box::pin(async move {
        let (reply, answer) = oneshot::channel();
        std::thread::Builder::new()
            .name("journal-verify".to_owned())
            .spawn(move || {
                // The caller may have gone.
                let _ = reply.send(verify(&source, anchor));
            })
            .map_err(|error| Unavailable::new(UnavailableKind::Io, format!("no thread to verify on: {error}")))?;
        answer.await.unwrap_or_else(|_| Err(Unavailable::closed().into()))
    })
}

fn verify(source: &Source, anchor: Head) -> Result<Report, Damage> {
    loop {
        let connection = source.reading()?;
        let verified = whole(&connection, anchor);
        // What a server wrote meanwhile looks like damage to whoever reads without locks.
        if connection.holds(source) {
            return verified;
        }
    }
}

fn whole(connection: &Connection, anchor: Head) -> Result<Report, Damage> {
    let snapshot = connection.unchecked_transaction().map_err(Unavailable::from)?;
    // The chain first: it names an entry where the structure can only name a page.
    let report = chain(&snapshot, anchor).map_err(|damage| with_pages(&snapshot, damage))?;
    let findings = structure(&snapshot)?;
    if findings.is_empty() {
        return Ok(report);
    }
    Err(Damage {
        place: Place::Whole,
        what: DamageKind::Structure,
        found: findings.join("; "),
        expected: "a sound SQLite file".to_owned(),
    })
}

fn chain(connection: &Connection, anchor: Head) -> Result<Report, Damage> {
    let mut audit = Audit::against(anchor);
    rows::each_entry(connection, |entry| audit.entry(entry))?;
    rows::each_sample(connection, |sample| audit.sample(sample))?;
    audit.finish()
}

fn with_pages(connection: &Connection, damage: Damage) -> Damage {
    match (damage.what, structure(connection)) {
        (DamageKind::Structure, Ok(findings)) if !findings.is_empty() => {
            Damage { found: format!("{}; {}", damage.found, findings.join("; ")), ..damage }
        }
        _ => damage,
    }
}

/// What SQLite finds wrong with its pages and indices; empty when nothing. A bad page can break off the check itself, after
/// it was named: what was found until then counts.
fn structure(connection: &Connection) -> Result<Vec<String>, Unavailable> {
    let mut statement = connection.prepare(&format!("PRAGMA integrity_check({QUOTED})"))?;
    let mut findings = Vec::new();
    for finding in statement.query_map((), |row| row.get::<_, String>(0))? {
        match finding {
            Ok(finding) if finding == "ok" => {}
            Ok(finding) => findings.push(finding),
            Err(error) if findings.is_empty() => return Err(error.into()),
            Err(_) => break,
        }
    }
    Ok(findings)
}
