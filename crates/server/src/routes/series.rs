//! Measurements as a chart wants them.

use crate::app::App;
use crate::dto;
use crate::extract::{Id, Params, page as page_of};
use crate::failure::Failure;
use axum::Json;
use axum::extract::State;
use engine::Measurement;
use serde::Deserialize;
use utoipa::IntoParams;

/// How many stored measurements are in memory at once: each holds two histograms.
const AT_ONCE: usize = 200;

/// Which measurements.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Only those after this number; usually 0.
    after: Option<u64>,
    /// How many, at most 5,000; usually 1,000.
    limit: Option<usize>,
}

/// The stored measurements of a release in columns, oldest first.
#[utoipa::path(get, path = "/v1/releases/{id}/series", operation_id = "release_series", tag = "releases", params(("id" = String, Path, description = "Its id."), Which), responses((status = 200, description = "The columns.", body = dto::Series)))]
pub(super) async fn series(
    State(app): State<App>,
    Id(id): Id,
    Params(which): Params<Which>,
) -> Result<Json<dto::Series>, Failure> {
    app.control().show(id)?;
    let limit = page_of(which.limit, 1_000, 5_000)?;
    let journal = app.control().journal();
    let mut series = dto::Series { last: which.after.unwrap_or(0), ..dto::Series::default() };
    while series.to_ms.len() < limit {
        let wanted = AT_ONCE.min(limit - series.to_ms.len());
        let samples = journal.read_samples(&id.stream(), series.last, wanted).await?;
        for sample in &samples {
            let measurement = control::decode_measurement(sample)
                .map_err(|error| Failure::defect("a stored measurement cannot be read", &error))?;
            add(&mut series, &measurement);
            series.last = sample.n;
        }
        if samples.len() < wanted {
            return Ok(Json(series));
        }
    }
    series.next_after = Some(series.last);
    Ok(Json(series))
}

fn add(series: &mut dto::Series, measurement: &Measurement) {
    series.from_ms.push(measurement.from.0);
    series.to_ms.push(measurement.to.0);
    series.share_percent.push(measurement.share.map(crate::view::percent));
    for (column, arm) in [(&mut series.stable, &measurement.stable), (&mut series.canary, &measurement.canary)] {
        let arm = arm.as_ref();
        let quantile = |q| arm.and_then(|arm| arm.latency.quantile(q)).map(whole);
        column.requests.push(arm.map(|arm| arm.requests));
        column.errors.push(arm.map(|arm| arm.errors));
        column.p50_us.push(quantile(0.5));
        column.p95_us.push(quantile(0.95));
        column.p99_us.push(quantile(0.99));
    }
}

/// A latency to the microsecond: buckets of the histogram are wider than that.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "latencies are not negative, and `as` ends at the bounds"
)]
fn whole(us: f64) -> u64 {
    us.round() as u64
}
