//! Everything the judge knows, written out for people. Computed when asked: nothing here decides.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Judge;
use crate::e1::Pair;
use crate::finding::{Count, Difference, Finding, LatencyLevels, Metric, PassEvidence, Shares};
use crate::forecast::Forecast;
use crate::grid::{PASS_ERRORS, PASS_LATENCY, RiskRatio};
use crate::interval::Contrast;
use crate::pass::Bet;
use crate::recent::{Shift, needed_for};
use crate::settings::Quantile;
use crate::sketch::upper_edge_us;
use crate::slowness::GROSS_QUANTILE;
use crate::verdict::{NotJudged, StreakReading, Subject, Verdict};

impl Judge {
    /// How it stands, in full.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let findings: Vec<Finding> = self.weights().map(|(metric, weight)| self.finding(metric, weight)).collect();
        Verdict {
            outcome: self.outcome,
            cause: self.harm.map(|harm| harm.cause),
            harm_at_ms: self.harm.map(|harm| harm.at_ms),
            harm_evidence: self.harm_evidence(),
            harm_needed: 1.0 / self.settings.alpha_harm,
            leans_harm: findings.iter().any(Finding::leans_harm),
            findings,
            blocks: self.counted.blocks,
            skipped: self.counted.skipped,
            dispersion: self.stable_past.spread.reading(self.stable_past.arrivals.reading()),
            error_streak: self.error_streak.as_ref().map(|watch| watch.reading()),
            latency_streak: self.latency_streak.as_ref().map(|watch| watch.reading()),
            not_judged: self.not_judged(),
            shared_degradation: self.shared_degradation(),
            routing_mismatch: self.throughput.mismatch().map(|(asked, got)| Shares { asked, got }),
            canary_requests: self.counted.canary_requests,
            stable_requests: self.counted.stable_requests,
        }
    }

    fn finding(&self, metric: Metric, weight: f64) -> Finding {
        let phi = self.stable_past.error_phi();
        let slow_phi = |quantile| self.slow_past().phi(quantile);
        let (errors, latency) = (&self.errors, &self.latency);
        let bare = |margin, counts: Counts, phi| Finding {
            metric,
            margin,
            harm_evidence: self.wealth(metric),
            weight,
            pass: self.pass_evidence(metric),
            canary: counts.canary,
            stable: counts.stable,
            difference: counts.difference,
            latency: self.latency_levels(metric),
            phi,
            shares: None,
            values: None,
        };
        match metric {
            Metric::ErrorRate => bare(errors.margin, Counts::of(&errors.settled), phi),
            Metric::GrossErrors => bare(errors.gross_margin, Counts::of(&errors.all), phi),
            Metric::Latency(quantile) => {
                bare(latency.margin, Counts::of(&latency.settled[quantile.index()]), slow_phi(quantile))
            }
            Metric::GrossLatency => bare(latency.gross_margin, Counts::of(&latency.all), slow_phi(GROSS_QUANTILE)),
            Metric::Mean(at) => self.mean_finding(at, bare(0.0, Counts::none(), 1.0)),
            Metric::Series(at) => self.series_finding(at, bare(0.0, Counts::none(), 1.0)),
            Metric::Throughput => {
                let read = self.throughput.reading();
                let counts = Counts { canary: read.canary, stable: read.stable, difference: read.difference };
                let shares = read.share.map(|(asked, got)| Shares { asked, got });
                Finding { shares, ..bare(read.margin, counts, read.phi) }
            }
        }
    }

    fn pass_evidence(&self, metric: Metric) -> Option<PassEvidence> {
        let (margins, test) = self.phase.as_ref()?.test(&self.passes)?;
        let needed = 1.0 / self.settings.alpha_pass;
        match metric {
            Metric::ErrorRate => {
                let bet = test.errors();
                let evidence = test.evidence(bet);
                let phi = self.stable_past.error_phi();
                let forecast = self.forecast(&bet.seen, margins.error_rate, phi, needed / evidence);
                let requests_still_needed = still_needed(&forecast, bet, &PASS_ERRORS);
                Some(PassEvidence {
                    margin: margins.error_rate,
                    evidence,
                    needed,
                    required: true,
                    requests_still_needed,
                })
            }
            Metric::Latency(quantile) => {
                let bet = test.latency(quantile);
                let evidence = test.evidence(bet);
                let phi = self.slow_past().phi(quantile);
                let forecast = self.forecast(&bet.seen, 0.0, phi, needed / evidence);
                let requests_still_needed = still_needed(&forecast, bet, &PASS_LATENCY);
                Some(PassEvidence {
                    margin: margins.latency,
                    evidence,
                    needed,
                    required: margins.quantiles.contains(&quantile),
                    requests_still_needed,
                })
            }
            Metric::Mean(_) | Metric::Series(_) => self.rule_pass(metric, needed),
            Metric::Throughput => {
                let evidence = self.throughput.pass();
                Some(PassEvidence {
                    margin: self.throughput.reading().margin,
                    evidence,
                    needed,
                    required: true,
                    requests_still_needed: None,
                })
            }
            Metric::GrossErrors | Metric::GrossLatency => None,
        }
    }

    fn forecast<'a>(&self, seen: &'a Pair, delta: f64, phi: f64, missing: f64) -> Forecast<'a> {
        Forecast { seen, delta, phi, share: self.counted.share, missing: libm::log(missing) }
    }

    fn latency_levels(&self, metric: Metric) -> Option<LatencyLevels> {
        let (quantile, shift) = self.latency_shift(metric)?;
        let (stable, canary) = self.stable_past.levels.shifted(quantile, shift)?;
        Some(LatencyLevels {
            stable_us: upper_edge_us(stable),
            canary_us: upper_edge_us(canary),
            recent_stable_us: self.stable_past.levels.recent.quantile(quantile.level()),
            recent_canary_us: self.canary_recent.quantile(quantile.level()),
        })
    }

    fn latency_shift(&self, metric: Metric) -> Option<(Quantile, Shift)> {
        match metric {
            Metric::Latency(quantile) => Some((quantile, self.latency.shift)),
            Metric::GrossLatency => Some((GROSS_QUANTILE, self.latency.gross_shift)),
            Metric::ErrorRate | Metric::GrossErrors | Metric::Throughput | Metric::Mean(_) | Metric::Series(_) => None,
        }
    }

    fn not_judged(&self) -> Vec<NotJudged> {
        let mut silent = Vec::new();
        let mut say = |what, why: &str| silent.push(NotJudged { what, why: why.to_string() });
        if let Some(silence) = self.throughput.silence() {
            say(Subject::Throughput, silence.why());
        }
        if self.means.is_empty() {
            say(Subject::BusinessMetrics, "no business metric is measured");
        }
        for (metric, why) in self.silent_rules() {
            say(Subject::Metric(metric), &why);
        }
        say(
            Subject::LatencyDispersion,
            "latency is not counted by user; how slow requests cluster is read between successive blocks",
        );
        match self.phase.as_ref().map(|phase| &phase.asks) {
            None => say(Subject::Phase, "no phase has begun; blocks only teach what is normal for stable"),
            Some(Err(unsound)) => say(Subject::Phase, &format!("this phase cannot pass: {unsound}")),
            Some(Ok(_)) => {}
        }
        for (metric, _) in self.weights() {
            if let Some((quantile, shift)) = self.latency_shift(metric)
                && let Some(why) = self.latency_silent(quantile, shift)
            {
                say(Subject::Metric(metric), &why);
            }
        }
        let streaks = [
            (Subject::ErrorStreak, self.error_streak.as_ref().map(|watch| watch.reading())),
            (Subject::LatencyStreak, self.latency_streak.as_ref().map(|watch| watch.reading())),
        ];
        for (what, reading) in streaks {
            if reading.is_some_and(StreakReading::has_nothing_to_compare) {
                say(what, "stable has no traffic now and had too little before to compare with");
            }
        }
        silent
    }

    fn latency_silent(&self, quantile: Quantile, shift: Shift) -> Option<String> {
        let levels = &self.stable_past.levels;
        if levels.of(quantile).is_none() {
            let recent = levels.recent.requests();
            return Some(format!(
                "stable's {quantile} is not known yet from {recent:.0} recent requests; {:.0} are needed",
                needed_for(quantile.level())
            ));
        }
        let countable = levels.shifted(quantile, shift).is_some();
        (!countable).then(|| format!("stable's {quantile} is too slow for the histogram to hold a slower one"))
    }
}

/// What a contrast shows.
struct Counts {
    canary: Count,
    stable: Count,
    difference: Difference,
}

impl Counts {
    fn none() -> Counts {
        let difference = Difference { estimate: None, low: -1.0, high: 1.0 };
        Counts { canary: Count::default(), stable: Count::default(), difference }
    }

    fn of<const H: usize, const P: usize>(contrast: &Contrast<H, P>) -> Counts {
        Counts { canary: contrast.canary, stable: contrast.stable, difference: contrast.difference() }
    }
}

fn still_needed<const K: usize>(forecast: &Forecast<'_>, bet: &Bet<K>, grid: &[RiskRatio]) -> Option<u64> {
    if forecast.missing <= 0.0 {
        return None;
    }
    forecast.requests(grid.iter().copied().chain(bet.adaptive))
}

impl Finding {
    /// Clearly worse than stable (at 5 %), and estimated beyond the margin.
    fn leans_harm(&self) -> bool {
        self.difference.low > 0.0 && self.difference.estimate.is_some_and(|estimate| estimate > self.beyond())
    }
}

impl StreakReading {
    fn has_nothing_to_compare(self) -> bool {
        !self.concurrent && self.windows > 0 && self.guard <= 1.0
    }
}
