//! Flags as people and programs see them.

use crate::app::App;
use crate::dto::{FlagDifference, FlagView};
use flags::Json;
use flags::change::Kept;
use registry::Entry;

/// How long a flag may say the same to everybody before it is called stale, in milliseconds: 30 days.
const SETTLED_MS: i64 = 30 * 24 * 3_600_000;

pub(super) fn view(app: &App, entry: &Entry) -> FlagView {
    shown(entry, app.control().now().0)
}

fn shown(entry: &Entry, now_ms: i64) -> FlagView {
    FlagView {
        flag: entry.kept.flag.clone(),
        revision: entry.revision,
        schedule: entry.kept.schedule.clone(),
        created_at_ms: entry.created_at_ms,
        changed_at_ms: entry.changed_at_ms,
        changed_by: entry.changed_by.clone(),
        stale: stale(entry, now_ms),
    }
}

/// A flag as it would be.
pub(super) fn as_if(app: &App, kept: Kept, held: Option<&Entry>, by: &str) -> FlagView {
    let now_ms = app.control().now().0;
    FlagView {
        flag: kept.flag,
        revision: held.map_or(0, |entry| entry.revision),
        schedule: kept.schedule,
        created_at_ms: held.map_or(now_ms, |entry| entry.created_at_ms),
        changed_at_ms: now_ms,
        changed_by: by.to_string(),
        stale: None,
    }
}

/// Why a flag should go.
fn stale(entry: &Entry, now_ms: i64) -> Option<String> {
    use flags::{Decision, Kind, Serve};
    let flag = &entry.kept.flag;
    if flag.archived {
        return None;
    }
    if let Some(end) = flag.ends_at_ms.filter(|end| *end <= now_ms) {
        let days = now_ms.saturating_sub(end) / (24 * 3_600_000);
        return Some(format!("its end was {days} days ago"));
    }
    // Settings and switches say one thing for years; releases and experiments come to an end.
    let passing = matches!(flag.kind, Kind::Release | Kind::Experiment);
    let quiet = now_ms.saturating_sub(entry.changed_at_ms) >= SETTLED_MS && entry.kept.schedule.is_empty();
    let settled = flag.channels.values().all(|state| match &state.decision {
        _ if !state.on => true,
        Decision::Rules { rules, otherwise } => rules.is_empty() && matches!(otherwise, Serve::Variant(_)),
        Decision::Logic { targeting, .. } => targeting.is_none(),
    });
    (passing && quiet && settled)
        .then(|| "it says the same to everybody, and nobody changed it for 30 days".to_string())
}

/// What is different between two values, place by place.
pub(super) fn differences(before: Option<&Kept>, after: &Kept) -> Vec<FlagDifference> {
    let json = |kept: &Kept| serde_json::to_value(kept).ok().and_then(|value| serde_json::from_value(value).ok());
    let mut found = Vec::new();
    compare("", before.and_then(json).as_ref(), json(after).as_ref(), &mut found);
    found
}

fn compare(path: &str, before: Option<&Json>, after: Option<&Json>, found: &mut Vec<FlagDifference>) {
    if before == after {
        return;
    }
    match (before.and_then(Json::members), after.and_then(Json::members)) {
        (Some(old), Some(new)) => {
            let added = new.iter().filter(|(name, _)| !old.iter().any(|(other, _)| other == name));
            for (name, _) in old.iter().chain(added) {
                let step = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
                compare(&step, before.and_then(|b| b.get(name)), after.and_then(|a| a.get(name)), found);
            }
        }
        _ => found.push(FlagDifference { path: path.to_string(), before: before.cloned(), after: after.cloned() }),
    }
}
