//! OpenTelemetry's logs: the events `feature_flag.evaluation` that the hooks of OpenFeature's clients write are exposures.

use super::exposures::{admit, count};
use crate::app::App;
use crate::auth::Caller;
use crate::code::Code;
use crate::experiments::{Refusal, Report, Told};
use crate::extract::{Body, Params};
use crate::failure::Failure;
use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

/// The event that is an exposure.
const EVALUATION: &str = "feature_flag.evaluation";

/// Where.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Where {
    /// The channel; it may be left out by a token for one channel.
    #[serde(default)]
    channel: Option<String>,
}

/// OTLP's export request; what else is in it is nothing to us, and the protocol says that it may be there.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Export {
    resource_logs: Vec<Resource>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Resource {
    scope_logs: Vec<Scope>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Scope {
    log_records: Vec<Record>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Record {
    time_unix_nano: Value,
    event_name: String,
    attributes: Vec<Attribute>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Attribute {
    key: String,
    value: Value,
}

/// Takes OTLP/HTTP logs in JSON: their events `feature_flag.evaluation` are exposures, anything else is refused.
#[utoipa::path(post, path = "/v1/logs", operation_id = "tell_logs", tag = "experiments", params(Where), request_body = serde_json::Value, responses((status = 200, description = "OTLP's ExportLogsServiceResponse.", body = serde_json::Value), (status = 415, description = "Protocol buffers or compressed.", body = crate::dto::Problem)))]
pub(crate) async fn take(
    State(app): State<App>,
    caller: Caller,
    Params(whence): Params<Where>,
    request: Request,
) -> Result<Json<Value>, Failure> {
    readable(request.headers())?;
    let Body(export): Body<Export> = Body::from_request(request, &()).await?;
    let records = export.resource_logs.into_iter().flat_map(|of| of.scope_logs).flat_map(|of| of.log_records);
    let told: Vec<Result<Told, Refusal>> = records.map(Record::told).collect();
    let channel = admit(&app, &caller, whence.channel.as_deref(), told.len())?;
    Ok(Json(answer(&count(&app, &caller, &channel, told).await?)))
}

fn readable(headers: &HeaderMap) -> Result<(), Failure> {
    let says = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let wrong = |detail: &str, hint: &str| Err(Failure::of(Code::LogsWrong, detail, hint));
    if says(header::CONTENT_TYPE).starts_with("application/x-protobuf") {
        return wrong("the logs are protocol buffers", "set OTEL_EXPORTER_OTLP_LOGS_PROTOCOL=http/json");
    }
    if !matches!(says(header::CONTENT_ENCODING), "" | "identity") {
        return wrong("the logs are compressed", "set OTEL_EXPORTER_OTLP_LOGS_COMPRESSION=none");
    }
    Ok(())
}

impl Record {
    fn told(self) -> Result<Told, Refusal> {
        let of = |name: &str| self.attributes.iter().find(|attribute| attribute.key == name).map(|found| &found.value);
        let text = |name: &str| of(name).and_then(|value| value["stringValue"].as_str()).map(str::to_string);
        // Before events had a name of their own it was an attribute.
        let named = text("event.name").unwrap_or_default();
        if self.event_name != EVALUATION && named != EVALUATION {
            return Err(Refusal::malformed(format!("the record is no event `{EVALUATION}`")));
        }
        let needed =
            |name: &str| text(name).ok_or_else(|| Refusal::malformed(format!("the event has no text `{name}`")));
        let variant = text("feature_flag.variant").map_or_else(|| needed("feature_flag.result.variant"), Ok)?;
        let (flag, unit) = (needed("feature_flag.key")?, needed("feature_flag.context.id")?);
        Told::exposure(flag, variant, unit, self.at_ms()?, None)
    }

    /// OTLP writes 64-bit numbers as text; 0 is unknown.
    fn at_ms(&self) -> Result<Option<i64>, Refusal> {
        let wrong = || Refusal::malformed("`timeUnixNano` is no time");
        let nanos = match &self.time_unix_nano {
            Value::Null => 0,
            Value::String(text) => text.parse().map_err(|_| wrong())?,
            other => other.as_u64().ok_or_else(wrong)?,
        };
        let ms = i64::try_from(nanos / 1_000_000).map_err(|_| wrong())?;
        Ok((ms > 0).then_some(ms))
    }
}

/// Flags that are no experiments are evaluated and logged all the time: they are mentioned, and are nobody's fault.
fn answer(report: &Report) -> Value {
    let Some((at, first)) = report.refused.first() else { return json!({}) };
    let rejected = report.refused_in_all - report.no_experiment;
    let message = format!(
        "{rejected} refused, {} of flags that are no experiment; the first, record {at}: {}: {}",
        report.no_experiment, first.code, first.why
    );
    json!({ "partialSuccess": { "rejectedLogRecords": rejected.to_string(), "errorMessage": message } })
}
