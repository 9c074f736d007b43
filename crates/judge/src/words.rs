//! Verdicts in words: what was compared, over what, what is excluded, what is not, what it would take.

mod figures;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use self::figures::{count, latency, percent, points};
use crate::finding::{Difference, Finding, Metric, PassEvidence};
use crate::verdict::{Cause, Outcome, StreakReading, Verdict};

impl Verdict {
    /// How it stands, as a colleague would say it.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut said = match self.outcome {
            Outcome::Harm => self.of_harm(),
            Outcome::Pass => self.of_pass(),
            Outcome::Undecided => self.of_doubt(),
        };
        if self.shared_degradation {
            said.push_str(
                "; errors breach the trigger in both arms, so what they share is broken and the canary is not blamed",
            );
        }
        if !self.dispersion.known {
            said.push_str("; how errors cluster is not yet known");
        }
        said
    }

    fn of_harm(&self) -> String {
        let budget = percent(1.0 / self.harm_needed);
        let shown = match self.cause {
            Some(Cause::ErrorRate) => self.sentence_on(Metric::ErrorRate),
            Some(Cause::GrossErrors) => self.sentence_on(Metric::GrossErrors),
            Some(Cause::Latency(quantile)) => self.sentence_on(Metric::Latency(quantile)),
            Some(Cause::GrossLatency) => self.sentence_on(Metric::GrossLatency),
            Some(Cause::ErrorStreak) => self.of_streak(Metric::GrossErrors, self.error_streak),
            Some(Cause::LatencyStreak) => self.of_streak(Metric::GrossLatency, self.latency_streak),
            None => String::new(),
        };
        format!("harm: {shown}; the false-alarm budget of this release is {budget}")
    }

    fn of_streak(&self, metric: Metric, reading: Option<StreakReading>) -> String {
        let Some(reading) = reading else {
            return self.sentence_on(metric);
        };
        let against = if reading.concurrent {
            "worse than stable at the same time"
        } else {
            "compared with stable's past in this rollout, as stable has no traffic now (not concurrent)"
        };
        format!(
            "the trigger is breached for {} windows in a row, {against}; {}",
            reading.windows,
            self.sentence_on(metric)
        )
    }

    fn of_pass(&self) -> String {
        let shown: Vec<String> = self.required().map(|(finding, _)| finding.sentence()).collect();
        format!("pass: {}", shown.join("; "))
    }

    fn of_doubt(&self) -> String {
        let lacking: Vec<String> = self
            .required()
            .filter(|(_, pass)| !pass.reached())
            .map(|(finding, pass)| format!("{} ({})", finding.sentence(), wanting(pass)))
            .collect();
        if lacking.is_empty() {
            return "undecided: no phase with margins has begun".to_string();
        }
        format!("undecided: {}", lacking.join("; "))
    }

    fn required(&self) -> impl Iterator<Item = (&Finding, PassEvidence)> {
        self.findings.iter().filter_map(|finding| {
            let pass = finding.pass.filter(|pass| pass.required)?;
            Some((finding, pass))
        })
    }

    fn sentence_on(&self, metric: Metric) -> String {
        let finding = self.findings.iter().find(|finding| finding.metric == metric);
        finding.map_or_else(String::new, Finding::sentence)
    }
}

fn wanting(pass: PassEvidence) -> String {
    match pass.requests_still_needed {
        Some(requests) => format!("about {} more canary requests, if things go on as they are", count(requests)),
        None => "cannot pass at this margin the way things are".to_string(),
    }
}

impl Finding {
    /// What is known about this metric, as a colleague would say it.
    #[must_use]
    pub fn sentence(&self) -> String {
        let name = self.name();
        let (Some(canary), Some(stable)) = (self.canary.share(), self.stable.share()) else {
            return format!("{name}: nothing to compare yet");
        };
        let (of_canary, of_stable) = (count(self.canary.requests), count(self.stable.requests));
        let (canary, stable) = (percent(canary), percent(stable));
        match (self.metric, self.latency) {
            (Metric::ErrorRate | Metric::GrossErrors, _) | (_, None) => format!(
                "{name}: {canary} against {stable} over {of_canary} and {of_stable} requests; {}",
                rise(self.difference, self.margin)
            ),
            (Metric::Latency(_) | Metric::GrossLatency, Some(levels)) => format!(
                "{name}: {canary} of {of_canary} canary requests slower than {}, {stable} of {of_stable} stable requests \
                 slower than {}{}; {}",
                latency(levels.canary_us),
                latency(levels.stable_us),
                recent(levels.recent_canary_us, levels.recent_stable_us),
                slowdown(self.difference, self.margin)
            ),
        }
    }

    fn name(&self) -> String {
        match self.metric {
            Metric::ErrorRate | Metric::GrossErrors => "errors".to_string(),
            Metric::Latency(quantile) => quantile.to_string(),
            Metric::GrossLatency => "gross slowdown".to_string(),
        }
    }
}

fn recent(canary: Option<f64>, stable: Option<f64>) -> String {
    match (canary, stable) {
        (Some(canary), Some(stable)) => format!(" (lately {} against {})", latency(canary), latency(stable)),
        (None, _) | (_, None) => String::new(),
    }
}

fn rise(difference: Difference, margin: f64) -> String {
    let (low, high, allowed) = (points(difference.low), points(difference.high), points(margin));
    let place = if difference.low > margin {
        format!("above the allowed {allowed}")
    } else if difference.high < margin {
        format!("below the allowed {allowed}")
    } else {
        format!("so it is open whether it keeps to the allowed {allowed}")
    };
    format!("the rise is between {low} and {high} points, {place}")
}

fn slowdown(difference: Difference, margin: f64) -> String {
    let allowed = percent(margin);
    if difference.low > 0.0 {
        format!("slower than the allowed {allowed}")
    } else if difference.high < 0.0 {
        format!("within the allowed {allowed}")
    } else {
        format!("it is open whether it keeps to the allowed {allowed}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Count, LatencyLevels};
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
        }
    }

    #[test]
    fn errors_read_like_a_colleague() {
        assert_eq!(
            errors(0.024, 0.039).sentence(),
            "errors: 3.13 % against 0.11 % over 4,120 and 78,200 requests; the rise is between 2.4 and 3.9 points, \
             above the allowed 0.1"
        );
        assert!(
            errors(-0.0004, 0.0009)
                .sentence()
                .ends_with("the rise is between -0.04 and 0.09 points, below the allowed 0.1")
        );
        assert!(errors(-0.0004, 0.039).sentence().ends_with("it is open whether it keeps to the allowed 0.1"));
    }

    #[test]
    fn latency_names_its_levels() {
        let finding = Finding {
            metric: Metric::Latency(Quantile::P95),
            margin: 0.1,
            latency: Some(LatencyLevels {
                stable_us: 180_000.0,
                canary_us: 198_000.0,
                recent_stable_us: Some(181_000.0),
                recent_canary_us: Some(412_000.0),
            }),
            ..errors(0.01, 0.05)
        };
        assert_eq!(
            finding.sentence(),
            "p95: 3.13 % of 4,120 canary requests slower than 198 ms, 0.11 % of 78,200 stable requests slower than \
             180 ms (lately 412 ms against 181 ms); slower than the allowed 10 %"
        );
    }

    #[test]
    fn an_idle_arm_has_nothing_to_compare() {
        let finding = Finding { canary: Count::default(), ..errors(-1.0, 1.0) };
        assert_eq!(finding.sentence(), "errors: nothing to compare yet");
    }
}
