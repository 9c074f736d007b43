//! A verdict. Its words for metrics are made here, so that the judge may rename its own.

use crate::dto;
use judge::{Cause, Metric, Quantile, Subject};

/// JSON has no infinity; evidence beyond this is told as this.
const MOST: f64 = 1e300;

pub(super) fn verdict(verdict: &judge::Verdict) -> dto::Verdict {
    dto::Verdict {
        outcome: match verdict.outcome {
            judge::Outcome::Pass => dto::Outcome::Pass,
            judge::Outcome::Harm => dto::Outcome::Harm,
            judge::Outcome::Undecided => dto::Outcome::Undecided,
        },
        sentence: verdict.sentence(),
        cause: verdict.cause.map(cause),
        harm_evidence: told(verdict.harm_evidence),
        harm_needed: told(verdict.harm_needed),
        findings: verdict.findings.iter().map(finding).collect(),
        error_streak: verdict.error_streak.map(streak),
        latency_streak: verdict.latency_streak.map(streak),
        not_judged: verdict
            .not_judged
            .iter()
            .map(|silent| dto::NotJudged { what: subject(silent.what), why: silent.why.clone() })
            .collect(),
        shared_degradation: verdict.shared_degradation,
        leans_harm: verdict.leans_harm,
        dispersion: dto::Dispersion { factor: told(verdict.dispersion.phi), known: verdict.dispersion.known },
        blocks: verdict.blocks,
        skipped: verdict.skipped,
    }
}

fn finding(finding: &judge::Finding) -> dto::Finding {
    dto::Finding {
        metric: metric(finding.metric),
        sentence: finding.sentence(),
        margin: told(finding.margin),
        harm_evidence: told(finding.harm_evidence),
        weight: told(finding.weight),
        pass: finding.pass.map(|pass| dto::Pass {
            margin: told(pass.margin),
            evidence: told(pass.evidence),
            needed: told(pass.needed),
            reached: pass.reached(),
            required: pass.required,
            requests_still_needed: pass.requests_still_needed,
        }),
        canary: count(finding.canary),
        stable: count(finding.stable),
        difference: dto::Difference {
            estimate: finding.difference.estimate.map(told),
            low: told(finding.difference.low),
            high: told(finding.difference.high),
        },
        latency: finding.latency.map(|levels| dto::LatencyLevels {
            stable_us: told(levels.stable_us),
            canary_us: told(levels.canary_us),
            recent_stable_us: levels.recent_stable_us.map(told),
            recent_canary_us: levels.recent_canary_us.map(told),
        }),
    }
}

fn count(count: judge::Count) -> dto::Count {
    dto::Count { requests: count.requests, bad: count.bad }
}

fn streak(reading: judge::StreakReading) -> dto::Streak {
    dto::Streak {
        windows: reading.windows,
        windows_needed: reading.windows_needed,
        guard: told(reading.guard),
        guard_needed: told(reading.guard_needed),
        concurrent: reading.concurrent,
    }
}

/// The judge makes no NaN; JSON could not say one, and a reader of `null` would stumble.
fn told(value: f64) -> f64 {
    if value.is_nan() { 0.0 } else { value.clamp(-MOST, MOST) }
}

fn metric(metric: Metric) -> String {
    match metric {
        Metric::ErrorRate => "error_rate".into(),
        Metric::GrossErrors => "gross_errors".into(),
        Metric::Latency(quantile) => word(quantile).into(),
        Metric::GrossLatency => "gross_latency".into(),
        Metric::Throughput => "throughput".into(),
        Metric::Mean(at) => format!("mean_{at}"),
        Metric::Series(at) => format!("series_{at}"),
    }
}

fn cause(cause: Cause) -> String {
    match cause {
        Cause::ErrorRate => "error_rate".into(),
        Cause::GrossErrors => "gross_errors".into(),
        Cause::Latency(quantile) => word(quantile).into(),
        Cause::GrossLatency => "gross_latency".into(),
        Cause::Throughput => "throughput".into(),
        Cause::Mean(at) => format!("mean_{at}"),
        Cause::Series(at) => format!("series_{at}"),
        Cause::ErrorStreak => "error_streak".into(),
        Cause::LatencyStreak => "latency_streak".into(),
    }
}

fn subject(subject: Subject) -> String {
    match subject {
        Subject::Throughput => "throughput".into(),
        Subject::BusinessMetrics => "business_metrics".into(),
        Subject::Metric(of) => metric(of),
        Subject::LatencyDispersion => "latency_dispersion".into(),
        Subject::ErrorStreak => "error_streak".into(),
        Subject::LatencyStreak => "latency_streak".into(),
        Subject::Phase => "phase".into(),
    }
}

fn word(quantile: Quantile) -> &'static str {
    match quantile {
        Quantile::P50 => "p50",
        Quantile::P95 => "p95",
        Quantile::P99 => "p99",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proof_beyond_all_numbers_is_still_a_number() {
        assert_eq!(told(f64::INFINITY), 1e300);
        assert_eq!(told(f64::NEG_INFINITY), -1e300);
        assert_eq!(told(2.5), 2.5);
        assert!(serde_json::to_string(&told(f64::NAN)).is_ok_and(|text| text == "0.0"));
    }
}
