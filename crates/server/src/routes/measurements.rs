//! What a release was judged by, as it was stored.

use crate::app::App;
use crate::dto;
use crate::extract::{Id, Params, page as page_of};
use crate::failure::Failure;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which measurements.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Only those after this number; usually 0.
    after: Option<u64>,
    /// How many, at most 500; usually 100.
    limit: Option<usize>,
}

/// The stored measurements of a release, oldest first.
#[utoipa::path(get, path = "/v1/releases/{id}/measurements", operation_id = "list_measurements", tag = "releases", params(("id" = String, Path, description = "Its id."), Which), responses((status = 200, description = "The measurements.", body = dto::MeasurementPage)))]
pub(super) async fn page(
    State(app): State<App>,
    Id(id): Id,
    Params(which): Params<Which>,
) -> Result<Json<dto::MeasurementPage>, Failure> {
    app.control().show(id)?;
    let limit = page_of(which.limit, 100, 500)?;
    let samples = app.control().journal().read_samples(&id.stream(), which.after.unwrap_or(0), limit).await?;
    let next_after = samples.last().filter(|_| samples.len() == limit).map(|last| last.n);
    let measurements: Result<Vec<_>, Failure> = samples
        .into_iter()
        .map(|sample| {
            let measurement = serde_json::from_str(&sample.body)
                .map_err(|error| Failure::defect("a stored measurement is not JSON", &error))?;
            let hash = sample.hash.to_string();
            Ok(dto::StoredMeasurement { n: sample.n, after_seq: sample.after_seq, hash, measurement })
        })
        .collect();
    Ok(Json(dto::MeasurementPage { measurements: measurements?, next_after }))
}
