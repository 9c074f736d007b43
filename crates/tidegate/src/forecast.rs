//! What the phases of a plan can decide with the traffic that a service has, said before anybody is moved. A phase that
//! asks for more than its traffic can show is no mistake in the language, but it holds every release; the numbers that would
//! mend it are known, and so they are said.

mod detect;
mod exclude;
mod history;
mod traffic;
mod words;

pub(crate) use history::History;
pub(crate) use traffic::{Traffic, TrafficSource};
pub(crate) use words::{lines, origin, unplanned};

use engine::{Millis, OnUndecided, Phase, Plan, PlanError, Share};
use judge::Quantile;
use serde::Serialize;

/// The code of a phase that cannot be passed with the traffic that there is.
pub(crate) const TOO_LITTLE: &str = "TG-7039";

/// A phase in which two versions are compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct PhaseForecast {
    /// Counted from 1.
    pub(crate) phase: usize,
    #[serde(serialize_with = "percent")]
    pub(crate) share: Share,
    #[serde(rename = "soak_ms")]
    pub(crate) soak: Millis,
    /// With all extensions.
    #[serde(rename = "longest_ms")]
    pub(crate) longest: Millis,
    pub(crate) metrics: Vec<MetricForecast>,
}

/// One metric that a phase must show to be within its margin. Proportions and slow-downs are fractions, times seconds
/// from the start of the phase; nothing means never.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct MetricForecast {
    pub(crate) metric: Metric,
    pub(crate) margin: f64,
    /// When nine of ten unchanged versions have passed.
    pub(crate) passed_after_s: Option<f64>,
    /// The smallest margin that is excluded within the soak.
    pub(crate) excluded_within_soak: Option<f64>,
    /// The smallest share at which the margin is excluded within the soak.
    pub(crate) share_that_would_do: Option<f64>,
    /// The smallest harm that is proved within the soak in nine of ten cases, by this metric alone.
    pub(crate) detected_within_soak: Option<f64>,
    pub(crate) standing: Standing,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Metric {
    ErrorRate,
    Latency(Quantile),
}

/// Whether a phase is long enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// Its soak is.
    Enough,
    /// Its extensions are.
    WithExtension,
    /// Not even they are: a finding.
    TooLittle,
}

/// What each phase of the plan can decide. Phases that compare nothing are left out.
///
/// # Errors
/// The plan's margins are none that the judge knows.
pub(crate) fn forecast(plan: &Plan, traffic: &Traffic) -> Result<Vec<PhaseForecast>, PlanError> {
    let compared = plan.phases.iter().enumerate().filter(|(_, phase)| phase.share != Share::ALL);
    compared.map(|(at, phase)| phase_forecast(plan, at, phase, traffic)).collect()
}

fn phase_forecast(plan: &Plan, at: usize, phase: &Phase, traffic: &Traffic) -> Result<PhaseForecast, PlanError> {
    let exclude = exclude::Test::of(plan, at, traffic)?;
    let detect = detect::Test::of(plan, at, traffic);
    let longest = match phase.on_undecided {
        OnUndecided::Extend { times } => phase.soak.times(u64::from(times)),
        OnUndecided::Hold | OnUndecided::RollBack | OnUndecided::Advance => phase.soak,
    };
    let margins = phase.margins.to_judge()?;
    let errors = std::iter::once((Metric::ErrorRate, margins.error_rate));
    let latencies = margins.quantiles.iter().map(|&quantile| (Metric::Latency(quantile), margins.latency));
    let told = |(metric, margin): (Metric, f64)| {
        let passed_after_s = exclude.passed_after(metric);
        MetricForecast {
            metric,
            margin,
            passed_after_s,
            excluded_within_soak: exclude.within_soak(metric),
            share_that_would_do: exclude.share_that_would_do(metric),
            detected_within_soak: detect.within_soak(metric),
            standing: match passed_after_s {
                Some(seconds) if seconds <= seconds_of(phase.soak) => Standing::Enough,
                Some(seconds) if seconds <= seconds_of(longest) => Standing::WithExtension,
                Some(_) | None => Standing::TooLittle,
            },
        }
    };
    let known = |(metric, _): &(Metric, f64)| *metric == Metric::ErrorRate || traffic.tail.is_some();
    let metrics = errors.chain(latencies).filter(known).map(told).collect();
    Ok(PhaseForecast { phase: at + 1, share: phase.share, soak: phase.soak, longest, metrics })
}

#[expect(clippy::cast_precision_loss, reason = "times of a plan are far below 2^53 ms")]
fn seconds_of(span: Millis) -> f64 {
    span.0 as f64 / 1e3
}

fn percent<S: serde::Serializer>(share: &Share, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(f64::from(share.ppm()) / 1e4)
}

#[cfg(test)]
mod tests;
