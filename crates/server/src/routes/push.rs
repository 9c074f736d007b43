//! Counts that others send. They are checked here, where the sender can still mend them: control takes what it gets, and the
//! judge skips in silence what cannot be true.

use crate::app::App;
use crate::code::Code;
use crate::dto::{PushMeasurement, PushedArm};
use crate::extract::{Body, Id};
use crate::failure::Failure;
use axum::extract::State;
use axum::http::StatusCode;
use control::{Live, ReleaseId};
use engine::{Measurement, Timestamp};
use judge::{Arm, Bucket, Histogram};
use policy::{Signal, Wiring};

/// How far the sender's clock may be ahead.
const AHEAD_MS: i64 = 60_000;

/// Sends counts of both versions over one interval.
#[utoipa::path(post, path = "/v1/releases/{id}/measurements", operation_id = "push_measurement", tag = "signals", params(("id" = String, Path, description = "Its id.")), request_body = PushMeasurement, responses(
    (status = 202, description = "Taken. What was taken twice counts once."),
    (status = 409, description = "The release takes no pushed counts, or the interval is not newer than the last.", body = crate::dto::Problem, content_type = "application/problem+json"),
))]
pub(super) async fn push(
    State(app): State<App>,
    Id(id): Id,
    Body(pushed): Body<PushMeasurement>,
) -> Result<StatusCode, Failure> {
    let control = app.control();
    let live = control.show(id)?;
    wired(&live, id)?;
    let now = control.now();
    interval(&pushed, &live, now)?;
    let measurement = Measurement {
        cursor: live.state.cursor.clone(),
        from: Timestamp(pushed.from_ms),
        to: Timestamp(pushed.to_ms),
        received_at: now,
        share: None,
        stable: pushed.stable.map(|counts| arm("stable", counts)).transpose()?,
        canary: pushed.canary.map(|counts| arm("canary", counts)).transpose()?,
        gap: None,
        probes: Vec::new(),
        exits: Vec::new(),
    };
    control.push(id, measurement).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Counts for a release that is measured by its gate would be counted twice, or would drown it out.
fn wired(live: &Live, id: ReleaseId) -> Result<(), Failure> {
    let wiring: Wiring = serde_json::from_str(&live.state.opened.wiring)
        .map_err(|error| Failure::defect("the release's wiring cannot be read", &error))?;
    if wiring.signals.contains(&Signal::Push) {
        return Ok(());
    }
    Err(Failure::of(
        Code::PushUnwired,
        format!("the policy that {id} was opened under names no signal of kind `push`"),
        "name one under the service's `signals`; it counts from the next release on",
    ))
}

fn interval(pushed: &PushMeasurement, live: &Live, now: Timestamp) -> Result<(), Failure> {
    let PushMeasurement { from_ms, to_ms, stable, canary } = pushed;
    let wrong = |detail: String, hint: &str| Err(Failure::of(Code::IntervalWrong, detail, hint));
    if from_ms >= to_ms || *from_ms < 0 {
        return wrong(format!("it ends at {to_ms}, which is not after {from_ms}"), "send milliseconds since 1970 UTC");
    }
    if *to_ms > now.0.saturating_add(AHEAD_MS) {
        return wrong(
            format!("it ends {} s in the future", (to_ms.saturating_sub(now.0)) / 1_000),
            "send milliseconds since 1970 UTC, and set the sender's clock",
        );
    }
    if stable.is_none() && canary.is_none() {
        return wrong("neither version was measured".to_string(), "send `stable` and `canary`");
    }
    match live.heard_to {
        Some(to) if *from_ms < to.0 => Err(Failure::of(
            Code::IntervalOld,
            format!("it begins at {from_ms}; the last measurement ended at {}", to.0),
            "do not send it again; go on with the next interval",
        )),
        Some(_) | None => Ok(()),
    }
}

fn arm(side: &str, pushed: PushedArm) -> Result<Arm, Failure> {
    let wrong = |why: String, hint: &str| Failure::of(Code::CountsWrong, format!("{side}: {why}"), hint);
    let latency = match (pushed.latency_us, pushed.latency_buckets) {
        (Some(_), Some(_)) => return Err(wrong("latencies are there twice".into(), "send one form of them")),
        (Some(each), None) => each.into_iter().fold(Histogram::new(), |mut histogram, us| {
            histogram.record(us);
            histogram
        }),
        (None, Some(buckets)) => histogram(&buckets).map_err(|why| wrong(why, "list each bucket once, rising"))?,
        (None, None) => Histogram::new(),
    };
    let buckets = pushed.user_buckets.unwrap_or_default();
    let buckets = buckets.into_iter().map(|[r, e, u]| Bucket { requests: r, errors: e, affected_users: u }).collect();
    let arm = Arm {
        requests: pushed.requests,
        errors: pushed.errors,
        started: pushed.started,
        fresh_errors: pushed.fresh_errors,
        latency,
        buckets,
        ..Arm::default()
    };
    arm.check().map_err(|impossible| {
        wrong(impossible.to_string(), "send what happened within the interval, not running totals")
    })?;
    Ok(arm)
}

fn histogram(buckets: &[[u64; 2]]) -> Result<Histogram, String> {
    let pairs: Result<Vec<(u16, u64)>, String> = buckets
        .iter()
        .map(|[bucket, count]| {
            let bucket = u16::try_from(*bucket).map_err(|_| format!("latency bucket {bucket} does not exist"))?;
            Ok((bucket, *count))
        })
        .collect();
    Histogram::try_from(pairs?).map_err(|malformed| malformed.to_string())
}
