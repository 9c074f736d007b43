//! Both versions: the last interval, and everything that was judged.

use super::percent_of;
use crate::dto;
use control::Live;
use judge::{Metric, Verdict};

pub(super) fn arms(live: &Live, verdict: &Verdict) -> dto::Arms {
    let last = live.last.as_deref();
    // The gross test counts every judged request, with warm-up; its "bad" ones are those that failed.
    let all = verdict.findings.iter().find(|finding| finding.metric == Metric::GrossErrors);
    let counted = all.map_or_else(Default::default, |all| (all.stable, all.canary));
    dto::Arms {
        from_ms: last.map(|m| m.from.0),
        to_ms: last.map(|m| m.to.0),
        gap: last.and_then(|m| m.gap.as_ref()).map(ToString::to_string),
        stable: arm(last.and_then(|m| m.stable.as_ref()), counted.0),
        canary: arm(last.and_then(|m| m.canary.as_ref()), counted.1),
    }
}

fn arm(last: Option<&judge::Arm>, total: judge::Count) -> dto::Arm {
    dto::Arm {
        last: last.map(counts),
        total: dto::ArmTotals {
            requests: total.requests,
            errors: total.bad,
            error_percent: percent_of(total.bad, total.requests),
        },
    }
}

fn counts(arm: &judge::Arm) -> dto::ArmCounts {
    dto::ArmCounts {
        requests: arm.requests,
        errors: arm.errors,
        error_percent: percent_of(arm.errors, arm.requests),
        p50_us: arm.latency.quantile(0.5),
        p95_us: arm.latency.quantile(0.95),
        p99_us: arm.latency.quantile(0.99),
    }
}
