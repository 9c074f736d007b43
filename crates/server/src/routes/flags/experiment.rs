//! What an experiment says.

use super::look::seen;
use crate::app::App;
use crate::auth::Caller;
use crate::code::Code;
use crate::dto;
use crate::experiments::Counted;
use crate::extract::{Params, Word, wrong_parameter};
use crate::failure::Failure;
use axum::Json;
use axum::extract::State;
use experiments::{Comparison, Counts, Decided, Design, MetricResult, Results};
use flags::access::{Action, Place, allowed};
use registry::FlagError;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which experiment.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// The channel.
    channel: String,
    /// The variant that others are compared with; the first of the split if it is left out.
    #[serde(default)]
    control: Option<String>,
}

/// What an experiment says: each variant against the control, with bounds that hold however often one looks.
#[utoipa::path(get, path = "/v1/flags/{key}/experiment", operation_id = "show_experiment", tag = "experiments", params(("key" = String, Path, description = "The flag's key."), Which), responses((status = 200, description = "What it says.", body = dto::Experiment)))]
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    Word(key): Word,
    Params(which): Params<Which>,
) -> Result<Json<dto::Experiment>, Failure> {
    let entry = seen(&app, &caller, &key)?;
    let flag = &entry.kept.flag;
    app.flags().watch(&which.channel)?;
    if !allowed(&caller.grants(), Action::View, Place { channel: Some(&which.channel), kind: Some(flag.kind) }) {
        return Err(FlagError::Denied { what: format!("see flags in {}", which.channel) }.into());
    }
    let design = Design::of(flag, &which.channel);
    let counted = match (app.experiments().look(flag, &which.channel).await?, &design) {
        (Some(counted), _) => counted,
        (None, Ok(design)) => Counted {
            since_ms: entry.changed_at_ms,
            counts: Counts::default(),
            weights: design.weights.clone(),
            current: true,
        },
        (None, Err(why)) => {
            return Err(Failure::of(
                Code::NoExperiment,
                format!("{key} is no experiment in {}: {why}", which.channel),
                why.hint(),
            ));
        }
    };
    let why_not = match design {
        Err(why) => Some(why.to_string()),
        Ok(_) if counted.current => None,
        Ok(_) => Some("its rules were changed since; it is counted anew with the next exposure".to_string()),
    };
    let results = Results::of(&counted.weights, &counted.counts, which.control.as_deref())
        .map_err(|_| wrong_parameter("`control` is no variant of the split"))?;
    Ok(Json(view(key, which.channel, &counted, why_not, results)))
}

fn view(
    flag: String,
    channel: String,
    counted: &Counted,
    why_not: Option<String>,
    results: Results,
) -> dto::Experiment {
    let whole: f64 = results.variants.iter().map(|(one, _)| f64::from(one.weight)).sum();
    let variants = results.variants.iter().map(|(one, users)| dto::ExperimentVariant {
        variant: one.variant.clone(),
        weight_percent: f64::from(one.weight) / whole * 100.0,
        users: *users,
    });
    dto::Experiment {
        flag,
        channel,
        counting: why_not.is_none(),
        why_not,
        since_ms: (counted.counts.at_ms > 0).then_some(counted.since_ms),
        counted_at_ms: (counted.counts.at_ms > 0).then_some(counted.counts.at_ms),
        sentence: results.sentence,
        control: results.control,
        variants: variants.collect(),
        crossed: results.crossed,
        restarts: results.stretches.saturating_sub(1),
        ratio: dto::ExperimentRatio {
            mismatch: results.mismatch,
            evidence: results.mismatch_log_evidence.exp().min(1e300),
        },
        metrics: results.metrics.into_iter().map(metric).collect(),
    }
}

fn metric(found: MetricResult) -> dto::ExperimentMetric {
    dto::ExperimentMetric {
        name: found.name,
        is_conversion: found.is_conversion,
        values: found.values,
        comparisons: found.comparisons.into_iter().map(comparison).collect(),
    }
}

fn comparison(found: Comparison) -> dto::ExperimentComparison {
    dto::ExperimentComparison {
        variant: found.variant,
        difference: found.difference,
        low: found.interval.map(|interval| interval.low),
        high: found.interval.map(|interval| interval.high),
        decided: match found.decided {
            Decided::Higher => dto::ComparisonDecided::Higher,
            Decided::Lower => dto::ComparisonDecided::Lower,
            Decided::Undecided => dto::ComparisonDecided::Undecided,
            Decided::TooFew => dto::ComparisonDecided::TooFew,
            Decided::Mistrusted => dto::ComparisonDecided::Mistrusted,
        },
        sentence: found.sentence,
    }
}
