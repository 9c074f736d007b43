//! The manifest of OpenFeature's command line: `openfeature pull` makes typed accessors from it in eight languages, and `openfeature
//! push` declares flags from code.

use super::change::{Asked, How, carry_out};
use super::look::{seen, sees};
use crate::app::App;
use crate::auth::Caller;
use crate::dto::{Manifest, ManifestFlag, ManifestType, ManifestWish};
use crate::extract::{Body, Word};
use crate::failure::Failure;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use flags::change::Change;
use flags::{Flag, Kind, ValueType, Variant};
use std::collections::BTreeMap;

/// What of the protocol is served, as it wants to be told.
const CAPABILITIES: (&str, &str) = ("x-manifest-capabilities", "read,write,delete");
/// Why the journal says that it happened.
const REASON: &str = "declared in code";

/// All flags with their types and defaults.
#[utoipa::path(get, path = "/openfeature/v0/manifest", operation_id = "manifest", tag = "flags", responses((status = 200, description = "The flags.", body = Manifest)))]
pub(crate) async fn read(State(app): State<App>, caller: Caller) -> Result<impl IntoResponse, Failure> {
    let all = app.flags().list()?;
    let seen = all.iter().filter(|entry| sees(&caller, entry) && !entry.kept.flag.archived);
    let flags = seen.map(|entry| declared(&entry.kept.flag)).collect();
    Ok(([CAPABILITIES], Json(Manifest { flags })))
}

/// Declares a flag. It is off everywhere until somebody turns it on.
#[utoipa::path(post, path = "/openfeature/v0/manifest/flags", operation_id = "declare_flag", tag = "flags", request_body = ManifestFlag, responses((status = 201, description = "Declared.", body = ManifestFlag)))]
pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(ask): Body<ManifestFlag>,
) -> Result<impl IntoResponse, Failure> {
    let key = ask.key.clone();
    let wish = Asked { key: &key, change: Change::Create(flag(ask, &caller)), reason: REASON, expected: None };
    let changed = carry_out(&app, &caller, &How { dry_run: false }, wish).await?;
    Ok((StatusCode::CREATED, [CAPABILITIES], Json(declared(&changed.after.flag))))
}

/// Changes the words of a flag. Another type is refused: code reads the one that it has.
#[utoipa::path(put, path = "/openfeature/v0/manifest/flags/{key}", operation_id = "redeclare_flag", tag = "flags", params(("key" = String, Path, description = "Its key.")), request_body = ManifestWish, responses((status = 200, description = "Changed.", body = ManifestFlag)))]
pub(crate) async fn update(
    State(app): State<App>,
    caller: Caller,
    Word(key): Word,
    Body(ask): Body<ManifestWish>,
) -> Result<impl IntoResponse, Failure> {
    let entry = seen(&app, &caller, &key)?;
    let mut flag = entry.kept.flag;
    if let Some(description) = ask.description {
        flag.description = description;
    }
    if let Some(asked) = ask.value_type {
        flag.value_type = asked.of_flag(flag.value_type);
    }
    let wish = Asked { key: &key, change: Change::Replace(flag), reason: REASON, expected: Some(entry.revision) };
    let changed = carry_out(&app, &caller, &How { dry_run: false }, wish).await?;
    Ok(([CAPABILITIES], Json(declared(&changed.after.flag))))
}

/// Puts a flag away.
#[utoipa::path(delete, path = "/openfeature/v0/manifest/flags/{key}", operation_id = "undeclare_flag", tag = "flags", params(("key" = String, Path, description = "Its key.")), responses((status = 200, description = "Put away.", body = ManifestFlag)))]
pub(crate) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Word(key): Word,
) -> Result<impl IntoResponse, Failure> {
    let wish = Asked { key: &key, change: Change::Archive, reason: "no longer declared in code", expected: None };
    let changed = carry_out(&app, &caller, &How { dry_run: false }, wish).await?;
    Ok(([CAPABILITIES], Json(declared(&changed.after.flag))))
}

fn declared(flag: &Flag) -> ManifestFlag {
    let off = flag.off.as_ref().and_then(|name| flag.variant(name)).map(|variant| variant.value.clone());
    ManifestFlag {
        key: flag.key.clone(),
        name: None,
        value_type: ManifestType::of(flag.value_type),
        description: Some(flag.description.clone()).filter(|text| !text.is_empty()),
        default_value: off.unwrap_or_else(|| zero(flag.value_type)),
    }
}

/// What code that knows no default gets.
fn zero(of: ValueType) -> flags::Json {
    match of {
        ValueType::Boolean => flags::Json::Bool(false),
        ValueType::String => flags::Json::Text(String::new()),
        ValueType::Integer => flags::Json::Int(0),
        ValueType::Float => flags::Json::Float(0.0),
        ValueType::Object => flags::Json::Map(Vec::new()),
    }
}

fn flag(ask: ManifestFlag, caller: &Caller) -> Flag {
    let value_type = ask.value_type.of_flag(ValueType::Integer);
    let variant = |name: &str, value| Variant { name: name.into(), value };
    let (variants, off) = match ask.default_value {
        flags::Json::Bool(value) if value_type == ValueType::Boolean => {
            let all = vec![variant("on", flags::Json::Bool(true)), variant("off", flags::Json::Bool(false))];
            (all, if value { "on" } else { "off" })
        }
        value => (vec![variant("default", value)], "default"),
    };
    Flag {
        key: ask.key,
        kind: Kind::Release,
        value_type,
        description: ask.description.or(ask.name).unwrap_or_default(),
        owner: caller.actor.clone(),
        ends_at_ms: None,
        release: None,
        variants,
        off: Some(off.into()),
        prerequisites: Vec::new(),
        metadata: Vec::new(),
        channels: BTreeMap::new(),
        archived: false,
    }
}
