//! How capital is laid out: what each metric weighs, and how much is bet when. Written once, as the judge bets by it and the
//! planner forecasts by it. The figures are the design's (judge.md, 2.1 and 2.9); they hold the error bounds whatever they are, and
//! decide only where the power lies.

use crate::finding::Metric;
use crate::settings::Quantile;

/// The metrics whose wealths are averaged, with their weights. The last one counts from when it is first judged; until
/// then its part of the average is 0, which can only be too little.
pub(crate) const WEIGHTS: [(Metric, f64); 7] = [
    (Metric::ErrorRate, 0.30),
    (Metric::GrossErrors, 0.20),
    (Metric::Latency(Quantile::P50), 0.10),
    (Metric::Latency(Quantile::P95), 0.15),
    (Metric::Latency(Quantile::P99), 0.10),
    (Metric::GrossLatency, 0.05),
    (Metric::Throughput, 0.10),
];

/// What all means and series weigh together, taken from errors.
pub(crate) const FOR_RULES: f64 = 0.10;

/// What a metric weighs without means and series; those have no weight of their own.
pub(crate) fn weight_of(metric: Metric) -> f64 {
    WEIGHTS.into_iter().find(|entry| entry.0 == metric).map_or(0.0, |entry| entry.1)
}

/// Share of the harm reserve that is bet at the start of the rollout.
pub(crate) const AT_THE_START: f64 = 0.4;
/// Share of what is left of it that is bet at each later phase.
pub(crate) const AT_EACH_PHASE: f64 = 0.2;

/// A rise of the error rate by half a point is judged from the first second: no cold start explains it for long.
pub const GROSS_ERROR_MARGIN: f64 = 0.005;

/// What one block of latencies may win at most, as a logarithm: one stall of one process catches every request that
/// waits, and must not prove harm by itself. Proof takes about seven blocks; sustained harm has them.
pub const MOST_PER_BLOCK: f64 = 1.5;
