//! What users saw and did, told in batches.

use crate::app::App;
use crate::auth::Caller;
use crate::code::Code;
use crate::dto;
use crate::experiments::{MOST_EVENTS, Report, Told};
use crate::extract::Body;
use crate::failure::Failure;
use axum::Json;
use axum::extract::State;
use flags::Kind;
use flags::access::{Action, Place, allowed};
use registry::FlagError;

/// Takes exposures and metrics. Answers what became of each: a bad event does not take the others with it.
#[utoipa::path(post, path = "/v1/exposures", operation_id = "tell_exposures", tag = "experiments", request_body = dto::Batch, responses((status = 200, description = "What became of them.", body = dto::BatchTaken)))]
pub(crate) async fn tell(
    State(app): State<App>,
    caller: Caller,
    Body(batch): Body<dto::Batch>,
) -> Result<Json<dto::BatchTaken>, Failure> {
    let channel = admit(&app, &caller, batch.channel.as_deref(), batch.events.len())?;
    let told = batch.events.into_iter().map(Told::read).collect();
    let report = count(&app, &caller, &channel, told).await?;
    let refused = report.refused.iter().map(|(at, refusal)| dto::EventRefused {
        at: *at as u64,
        code: refusal.code.to_string(),
        detail: refusal.why.clone(),
    });
    Ok(Json(dto::BatchTaken {
        channel,
        counted: report.counted,
        repeated: report.repeated,
        crossed: report.crossed,
        unexposed: report.unexposed,
        refused_count: report.refused_in_all,
        refused: refused.collect(),
    }))
}

/// Counts what a token tells, as far as it may speak of the flags.
pub(super) async fn count(
    app: &App,
    caller: &Caller,
    channel: &str,
    told: Vec<Result<Told, crate::experiments::Refusal>>,
) -> Result<Report, Failure> {
    let grants = caller.grants();
    let may = |flag: &flags::Flag| {
        allowed(&grants, Action::Evaluate, Place { channel: Some(channel), kind: Some(flag.kind) })
    };
    app.experiments().count(channel, told, may).await
}

/// The channel that a token tells of, if it may and does not do so too often or too much at once.
pub(super) fn admit(app: &App, caller: &Caller, asked: Option<&str>, events: usize) -> Result<String, Failure> {
    let channel = channel(app, caller, asked)?;
    if app.pace().ask(caller.token(), app.control().now().0).is_err() {
        return Err(Failure::of(
            Code::TooOften,
            "this token asks more often than it may",
            "send fewer and larger batches; the answer's `Retry-After` says when",
        ));
    }
    if events > MOST_EVENTS {
        return Err(Failure::of(
            Code::TooManyEvents,
            format!("the batch has {events} events, and may have {MOST_EVENTS}"),
            "send it in parts; nothing of it was counted",
        ));
    }
    Ok(channel)
}

fn channel(app: &App, caller: &Caller, asked: Option<&str>) -> Result<String, Failure> {
    let grants = caller.grants();
    let may = |channel: &str| {
        allowed(&grants, Action::Evaluate, Place { channel: Some(channel), kind: Some(Kind::Experiment) })
    };
    let channels = app.flags().channels();
    let denied = || Failure::from(FlagError::Denied { what: "tell of experiments in that channel".into() });
    if let Some(asked) = asked {
        return channels.keys().find(|name| *name == asked && may(name)).cloned().ok_or_else(denied);
    }
    let mut mine = channels.keys().filter(|name| may(name));
    match (mine.next(), mine.next()) {
        (Some(only), None) => Ok(only.clone()),
        (None, _) => Err(denied()),
        (Some(_), Some(_)) => Err(Failure::of(
            Code::ChannelUnsaid,
            "the token may tell of several channels",
            "name one: `channel` in the batch, or `?channel=` with logs",
        )),
    }
}
