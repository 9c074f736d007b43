//! Verdicts in words: what was compared, over what, what is excluded, what is not, what it would take.

mod figures;
mod findings;
mod throughput;
mod values;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use self::figures::percent;
use crate::finding::{Finding, Metric, PassEvidence};
use crate::verdict::{Cause, ErrorArrivals, Outcome, StreakReading, Verdict};

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
        if let Some(shares) = self.routing_mismatch {
            said.push_str(&format!("; {}", shares.mismatched()));
        }
        said.push_str(match self.dispersion.arrivals {
            ErrorArrivals::Steady => "",
            ErrorArrivals::Unknown => {
                "; how errors cluster is not yet known, so those within a short time count as one incident"
            }
            ErrorArrivals::InBursts => "; errors come in bursts, so those within a short time count as one incident",
        });
        if self.outcome == Outcome::Pass && !self.dispersion.known {
            said.push_str("; these bounds take errors as independent, as too few were seen to know better");
        }
        said
    }

    fn of_harm(&self) -> String {
        let budget = percent(1.0 / self.harm_needed);
        let shown = match self.cause {
            Some(Cause::ErrorRate) => self.blame(Metric::ErrorRate),
            Some(Cause::GrossErrors) => self.blame(Metric::GrossErrors),
            Some(Cause::Latency(quantile)) => self.blame(Metric::Latency(quantile)),
            Some(Cause::GrossLatency) => self.blame(Metric::GrossLatency),
            Some(Cause::Mean(at)) => self.blame(Metric::Mean(at)),
            Some(Cause::Series(at)) => self.blame(Metric::Series(at)),
            Some(Cause::Throughput) => self.blame(Metric::Throughput),
            Some(Cause::ErrorStreak) => self.of_streak(Metric::GrossErrors, self.error_streak),
            Some(Cause::LatencyStreak) => self.of_streak(Metric::GrossLatency, self.latency_streak),
            None => String::new(),
        };
        format!("harm: {shown}; the false-alarm budget of this release is {budget}")
    }

    /// The metric that weighed most.
    fn blame(&self, metric: Metric) -> String {
        self.on(metric).map_or_else(String::new, Finding::blamed)
    }

    fn of_streak(&self, metric: Metric, reading: Option<StreakReading>) -> String {
        let compared = self.on(metric).map_or_else(String::new, Finding::compared);
        let Some(reading) = reading else {
            return compared;
        };
        let against = if reading.concurrent {
            "worse than stable at the same time"
        } else {
            "compared with stable's past in this rollout, as stable has no traffic now (not concurrent)"
        };
        format!("the trigger is breached for {} windows in a row, {against}; in all, {compared}", reading.windows)
    }

    fn of_pass(&self) -> String {
        let shown: Vec<String> = self.required().map(|(finding, pass)| finding.passed(pass)).collect();
        format!("pass: {}", shown.join("; "))
    }

    fn of_doubt(&self) -> String {
        let lacking: Vec<String> =
            self.required().filter(|(_, pass)| !pass.reached()).map(|(finding, pass)| finding.doubted(pass)).collect();
        if lacking.is_empty() && self.routing_mismatch.is_some() {
            return "undecided: what was measured keeps to the margins".to_string();
        }
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

    fn on(&self, metric: Metric) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.metric == metric)
    }
}
