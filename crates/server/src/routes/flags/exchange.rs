//! Taking flags in from flagd's JSON, and giving them out as such.

use super::change::{Asked, How, carry_out};
use crate::app::App;
use crate::auth::Caller;
use crate::dto;
use crate::extract::{Body, Word};
use crate::failure::Failure;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Json};
use flags::access::{Action, Place, allowed};
use flags::change::{Change, Refusal, Step};
use flags::{Flag, flagd};
use registry::FlagError;

/// The definitions of a channel, as flagd's clients read them.
#[utoipa::path(get, path = "/v1/channels/{channel}/flagd", operation_id = "export_flags", tag = "flags", params(("channel" = String, Path, description = "The channel.")), responses((status = 200, description = "flagd's JSON.", body = serde_json::Value)))]
pub(crate) async fn export(
    State(app): State<App>,
    caller: Caller,
    Word(channel): Word,
) -> Result<impl IntoResponse, Failure> {
    let place = Place { channel: Some(&channel), kind: None };
    let grants = caller.grants();
    if !allowed(&grants, Action::View, place) && !allowed(&grants, Action::Sync, place) {
        return Err(FlagError::Denied { what: format!("take the definitions of `{channel}` away") }.into());
    }
    app.flags().ready()?;
    let edition = app.flags().watch(&channel)?.borrow().clone();
    Ok(([(header::CONTENT_TYPE, "application/json")], edition.document.to_string()))
}

/// Takes flagd's JSON in for a channel: flags that are new are created, those that are there say there what the document says.
/// Everything is checked before anything is changed.
#[utoipa::path(post, path = "/v1/flags/import", operation_id = "import_flags", tag = "flags", request_body = dto::ImportFlags, responses((status = 200, description = "Taken in.", body = dto::Imported)))]
pub(crate) async fn import(
    State(app): State<App>,
    caller: Caller,
    Body(ask): Body<dto::ImportFlags>,
) -> Result<Json<dto::Imported>, Failure> {
    let imported = flagd::import(&ask.document, &ask.channel).map_err(|problems| FlagError::Wrong { problems })?;
    let mut planned = Vec::new();
    for mut flag in imported.flags {
        flag.owner.clone_from(&ask.owner);
        // What was said of all flags is said of each; a flag's own word counts more.
        let own = std::mem::take(&mut flag.metadata);
        let shared = imported.metadata.iter().filter(|(name, _)| !own.iter().any(|(other, _)| other == name));
        flag.metadata = shared.cloned().chain(own.iter().cloned()).collect();
        planned.push(wanted(&app, &ask.channel, flag)?);
    }
    for (key, changes) in &planned {
        for change in changes {
            let asked = Asked { key, change: change.clone(), reason: &ask.reason, expected: None };
            // What cannot be done is found here for all of them, before the first is written.
            match carry_out(&app, &caller, &How { dry_run: true }, asked).await {
                Ok(_) => {}
                Err(failure) if is_same(&failure) => {}
                Err(failure) => return Err(failure),
            }
        }
    }
    let mut told = dto::Imported { created: Vec::new(), changed: Vec::new(), same: Vec::new() };
    for (key, changes) in planned {
        let (mut created, mut changed) = (false, false);
        for change in changes {
            let new = matches!(change, Change::Create(_));
            let asked = Asked { key: &key, change, reason: &ask.reason, expected: None };
            match carry_out(&app, &caller, &How { dry_run: false }, asked).await {
                Ok(_) if new => created = true,
                Ok(_) => changed = true,
                Err(failure) if is_same(&failure) => {}
                Err(failure) => return Err(failure),
            }
        }
        match (created, changed) {
            (true, _) => told.created.push(key),
            (false, true) => told.changed.push(key),
            (false, false) => told.same.push(key),
        }
    }
    Ok(Json(told))
}

/// The change after which a flag says in the channel what an imported one says.
fn wanted(app: &App, channel: &str, flag: Flag) -> Result<(String, Vec<Change>), Failure> {
    let key = flag.key.clone();
    let held = match app.flags().get(&key) {
        Ok(entry) => entry.kept.flag,
        Err(FlagError::Unknown { .. }) => return Ok((key, vec![Change::Create(flag)])),
        Err(error) => return Err(error.into()),
    };
    let Some(state) = flag.channels.get(channel).cloned() else { return Ok((key, Vec::new())) };
    let mut merged = held.clone();
    merged.variants = flag.variants;
    merged.metadata = flag.metadata;
    merged.channels.insert(channel.to_string(), state.clone());
    let only_channel = merged.variants == held.variants && merged.metadata == held.metadata;
    let changes = if !only_channel {
        vec![Change::Replace(merged)]
    } else {
        let on = Step::Turn { channel: channel.to_string(), on: state.on };
        let decision = Step::Decide { channel: channel.to_string(), decision: state.decision };
        vec![Change::Step(decision), Change::Step(on)]
    };
    Ok((key, changes))
}

fn is_same(failure: &Failure) -> bool {
    let same = FlagError::Refused { key: String::new(), why: Refusal::Same };
    failure.problem().code == same.code() && failure.problem().detail.ends_with("is so already")
}
