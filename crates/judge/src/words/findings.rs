//! One metric in words.

use alloc::format;
use alloc::string::{String, ToString};

use super::figures::{count, latency, percent, points, roughly};
use crate::finding::{Finding, Metric, PassEvidence};

impl Finding {
    /// What is known about this metric, held against the margin of the release, as a colleague would say it.
    #[must_use]
    pub fn sentence(&self) -> String {
        if self.values.is_some() {
            return self.of_values();
        }
        if self.metric == Metric::Throughput {
            return self.of_throughput();
        }
        let allowed = self.allowed(self.margin);
        if self.is_empty() {
            self.compared()
        } else if self.leaves_no_doubt() {
            let beyond = if self.is_of_errors() { "above" } else { "slower than" };
            format!("{}, {beyond} the allowed {allowed}", self.bounded())
        } else if self.difference.high < self.beyond() {
            format!("{}, within the allowed {allowed}", self.bounded())
        } else {
            format!("{}; whether it keeps to the allowed {allowed} is open", self.bounded())
        }
    }

    /// As the one that weighed most for harm. Its own bounds may not be beyond the margin, when others weighed in.
    pub(super) fn blamed(&self) -> String {
        if self.values.is_some() {
            return self.values_blamed();
        }
        if self.metric == Metric::Throughput {
            return self.throughput_blamed();
        }
        if self.leaves_no_doubt() {
            return self.sentence();
        }
        format!("{}; all metrics together show harm beyond what is allowed", self.bounded())
    }

    /// The evidence for a pass is in; latency is told by its quantiles, as the rest is settled.
    pub(super) fn passed(&self, pass: PassEvidence) -> String {
        if self.values.is_some() {
            return self.values_passed();
        }
        if self.metric == Metric::Throughput {
            return self.throughput_passed();
        }
        let allowed = self.allowed(pass.margin);
        match self.lately() {
            Some(lately) => format!("{} {lately}, within the allowed {allowed}", self.name()),
            None => format!("{}, within the allowed {allowed}", self.bounded()),
        }
    }

    /// What it would take to pass.
    pub(super) fn doubted(&self, pass: PassEvidence) -> String {
        if self.values.is_some() {
            return self.values_doubted();
        }
        if self.metric == Metric::Throughput {
            return self.throughput_doubted();
        }
        if self.is_empty() {
            return self.compared();
        }
        let allowed = self.allowed(pass.margin);
        let wanting = match pass.requests_still_needed {
            Some(requests) => {
                format!("that takes about {} more canary requests, if things go on as they are", roughly(requests))
            }
            None => "as things are, it cannot be".to_string(),
        };
        format!("{}; it is not shown to be within the allowed {allowed}: {wanting}", self.bounded())
    }

    /// What was compared, over what.
    pub(super) fn compared(&self) -> String {
        if self.values.is_some() {
            return self.values_compared();
        }
        if self.metric == Metric::Throughput {
            return self.throughput_compared();
        }
        let name = self.name();
        let (Some(canary), Some(stable)) = (self.canary.share(), self.stable.share()) else {
            return format!("{name}: nothing to compare yet");
        };
        let (of_canary, of_stable) = (count(self.canary.requests), count(self.stable.requests));
        let (canary, stable) = (percent(canary), percent(stable));
        if self.is_of_errors() {
            return format!("{name}: {canary} against {stable} over {of_canary} and {of_stable} requests");
        }
        let Some(levels) = self.latency else {
            return format!(
                "{name}: {canary} of {of_canary} canary requests slow, {stable} of {of_stable} stable ones"
            );
        };
        let lately = self.lately().map_or_else(String::new, |lately| format!(" lately {lately};"));
        format!(
            "{name}:{lately} {canary} of {of_canary} canary requests took longer than {}, {stable} of {of_stable} stable \
             requests longer than {}",
            latency(levels.canary_us),
            latency(levels.stable_us)
        )
    }

    /// With the bounds of the difference where people read them, in a rise of errors.
    fn bounded(&self) -> String {
        if self.is_empty() || !self.is_of_errors() {
            return self.compared();
        }
        let (low, high) = (points(self.difference.low), points(self.difference.high));
        format!("{}; the rise is between {low} and {high} points", self.compared())
    }

    fn lately(&self) -> Option<String> {
        let levels = self.latency?;
        Some(format!("{} against {}", latency(levels.recent_canary_us?), latency(levels.recent_stable_us?)))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.canary.requests == 0 || self.stable.requests == 0
    }

    fn is_of_errors(&self) -> bool {
        match self.metric {
            Metric::ErrorRate | Metric::GrossErrors | Metric::Throughput => true,
            Metric::Latency(_) | Metric::GrossLatency | Metric::Mean(_) | Metric::Series(_) => false,
        }
    }

    /// The difference of shares that the margin allows; for latency the margin is in the shifted level already.
    pub(crate) fn beyond(&self) -> f64 {
        if self.is_of_errors() { self.margin } else { 0.0 }
    }

    fn leaves_no_doubt(&self) -> bool {
        self.difference.low > self.beyond()
    }

    fn allowed(&self, margin: f64) -> String {
        if self.is_of_errors() { points(margin) } else { percent(margin) }
    }

    fn name(&self) -> String {
        match self.metric {
            Metric::ErrorRate | Metric::GrossErrors => "errors".to_string(),
            Metric::Latency(quantile) => quantile.to_string(),
            Metric::GrossLatency => "gross slowdown (p95)".to_string(),
            Metric::Throughput => "throughput".to_string(),
            Metric::Mean(_) | Metric::Series(_) => self.values_name(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Count, Difference, LatencyLevels};
    use crate::settings::Quantile;

    fn errors(low: f64, high: f64) -> Finding {
        Finding {
            metric: Metric::ErrorRate,
            margin: 0.001,
            harm_evidence: 1.0,
            weight: 0.3,
            pass: None,
            canary: Count { requests: 4_120, bad: 129 },
            stable: Count { requests: 78_200, bad: 86 },
            difference: Difference { estimate: Some(0.03), low, high },
            latency: None,
            phi: 1.0,
            shares: None,
            values: None,
        }
    }

    #[test]
    fn errors_read_like_a_colleague() {
        let begin = "errors: 3.13 % against 0.11 % over 4,120 and 78,200 requests; the rise is between";
        let above = format!("{begin} 2.4 and 3.9 points, above the allowed 0.1");
        assert_eq!(errors(0.024, 0.039).sentence(), above);
        let within = format!("{begin} -0.04 and 0.09 points, within the allowed 0.1");
        assert_eq!(errors(-0.0004, 0.0009).sentence(), within);
        let open = format!("{begin} -0.04 and 3.9 points; whether it keeps to the allowed 0.1 is open");
        assert_eq!(errors(-0.0004, 0.039).sentence(), open);
    }

    #[test]
    fn a_pass_and_a_doubt_speak_of_the_margin_of_the_phase() {
        let finding = errors(-0.0004, 0.004);
        let pass =
            PassEvidence { margin: 0.005, evidence: 21.0, needed: 20.0, required: true, requests_still_needed: None };
        assert!(finding.passed(pass).ends_with("between -0.04 and 0.4 points, within the allowed 0.5"));
        let short = PassEvidence { evidence: 2.0, requests_still_needed: Some(3_400), ..pass };
        assert!(finding.doubted(short).ends_with(
            "not shown to be within the allowed 0.5: that takes about 3,400 more canary requests, if things go on as \
             they are"
        ));
        let never = PassEvidence { requests_still_needed: None, ..short };
        assert!(finding.doubted(never).ends_with("within the allowed 0.5: as things are, it cannot be"));
    }

    #[test]
    fn latency_names_its_levels() {
        let levels = LatencyLevels {
            stable_us: 180_000.0,
            canary_us: 198_000.0,
            recent_stable_us: Some(181_000.0),
            recent_canary_us: Some(412_000.0),
        };
        let metric = Metric::Latency(Quantile::P95);
        let finding = Finding { metric, margin: 0.1, latency: Some(levels), ..errors(0.01, 0.05) };
        assert_eq!(
            finding.sentence(),
            "p95: lately 412 ms against 181 ms; 3.13 % of 4,120 canary requests took longer than 198 ms, 0.11 % of \
             78,200 stable requests longer than 180 ms, slower than the allowed 10 %"
        );
    }

    #[test]
    fn harm_that_rests_on_several_metrics_says_so() {
        let shared = errors(-0.0004, 0.039).blamed();
        assert!(shared.ends_with("points; all metrics together show harm beyond what is allowed"), "{shared}");
        assert_eq!(errors(0.024, 0.039).blamed(), errors(0.024, 0.039).sentence());
    }

    #[test]
    fn an_idle_arm_has_nothing_to_compare() {
        let finding = Finding { canary: Count::default(), ..errors(-1.0, 1.0) };
        assert_eq!(finding.sentence(), "errors: nothing to compare yet");
    }
}
