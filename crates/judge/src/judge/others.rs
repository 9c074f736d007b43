//! What is judged besides errors and latency.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Judge;
use super::admit::Admitted;
use crate::counts::Block;
use crate::finding::{Count, Finding, Metric, PassEvidence, Values};
use crate::means::{LEAST_BLOCKS, LEAST_UNITS, MeanEvidence};
use crate::rules::Allowed;
use crate::series::{LEAST_HISTORY, SeriesEvidence};

impl Judge {
    pub(super) fn fund_others(&mut self, amount: f64) {
        self.throughput.fund(amount);
        self.means.iter_mut().for_each(|mean| mean.fund(amount));
        self.series.iter_mut().for_each(|series| series.fund(amount));
    }

    pub(super) fn begin_phase_of_others(&mut self, at_ms: i64) {
        self.throughput.begin_phase();
        self.means.iter_mut().for_each(|mean| mean.begin_phase(at_ms));
        self.series.iter_mut().for_each(|series| series.begin_phase(at_ms));
    }

    pub(super) fn weigh_rules(&mut self, block: &Block, arms: &Admitted<'_>) {
        for (at, mean) in self.means.iter_mut().enumerate() {
            mean.take(block.from_ms, arms.canary.means.get(at), arms.stable.means.get(at));
        }
        for (series, sample) in self.series.iter_mut().zip(&block.series) {
            if let Some(sample) = sample {
                series.take(block.from_ms, *sample);
            }
        }
    }

    /// Before the first phase only stable's numbers mean anything.
    pub(super) fn learn_series(&mut self, block: &Block) {
        for (series, sample) in self.series.iter_mut().zip(&block.series) {
            if let Some((stable, _)) = sample {
                series.learn(*stable);
            }
        }
    }

    pub(super) fn mean(&self, at: u8) -> Option<&MeanEvidence> {
        self.means.get(usize::from(at))
    }

    pub(super) fn one_series(&self, at: u8) -> Option<&SeriesEvidence> {
        self.series.get(usize::from(at))
    }

    pub(super) fn mean_finding(&self, at: u8, bare: Finding) -> Finding {
        let Some(mean) = self.mean(at) else {
            return bare;
        };
        let rule = &mean.rule;
        let values = Values {
            name: rule.name.clone(),
            allowed: rule.allowed.to_string(),
            canary: mean.canary.mean(),
            stable: mean.stable.mean(),
            between: mean.interval().map(|interval| (interval.low, interval.high)),
            samples: mean.blocks,
            asymptotic: true,
            winsorised: rule.winsorised.clone(),
        };
        Finding {
            margin: amount(rule.allowed),
            canary: Count { requests: mean.canary.count, bad: 0 },
            stable: Count { requests: mean.stable.count, bad: 0 },
            phi: mean.phi(),
            values: Some(values),
            ..bare
        }
    }

    pub(super) fn series_finding(&self, at: u8, bare: Finding) -> Finding {
        let Some(series) = self.one_series(at) else {
            return bare;
        };
        let (canary, stable) = series.middles().unzip();
        let values = Values {
            name: series.rule.name.clone(),
            allowed: series.rule.allowed.to_string(),
            canary,
            stable,
            between: None,
            samples: series.samples,
            asymptotic: false,
            winsorised: None,
        };
        Finding { margin: amount(series.rule.allowed), phi: series.dependence(), values: Some(values), ..bare }
    }

    pub(super) fn rule_pass(&self, metric: Metric, needed: f64) -> Option<PassEvidence> {
        let (allowed, evidence, required) = match metric {
            Metric::Mean(at) => self.mean(at).map(|mean| (mean.rule.allowed, mean.pass(), mean.rule.required))?,
            Metric::Series(at) => {
                self.one_series(at).map(|series| (series.rule.allowed, series.pass(), series.rule.required))?
            }
            Metric::ErrorRate
            | Metric::GrossErrors
            | Metric::Latency(_)
            | Metric::GrossLatency
            | Metric::Throughput => return None,
        };
        Some(PassEvidence { margin: amount(allowed), evidence, needed, required, requests_still_needed: None })
    }

    /// The means and series that say nothing, or left out what they could not read.
    pub(super) fn silent_rules(&self) -> Vec<(Metric, String)> {
        let means = (0..).zip(&self.means).filter_map(|(at, mean)| Some((Metric::Mean(at), mean.silence()?)));
        let series = (0..).zip(&self.series).filter_map(|(at, series)| Some((Metric::Series(at), series.silence()?)));
        means.chain(series).collect()
    }
}

fn amount(allowed: Allowed) -> f64 {
    match allowed {
        Allowed::Absolute(amount) | Allowed::Relative(amount) => amount,
    }
}

impl MeanEvidence {
    fn silence(&self) -> Option<String> {
        let name = &self.rule.name;
        if !self.is_judged() {
            let fewest = self.canary.count.min(self.stable.count);
            return Some(format!(
                "{name}: {LEAST_BLOCKS} blocks and {LEAST_UNITS} values in each arm are needed, which must not all be alike; \
                 there are {} and {fewest}{}",
                self.blocks,
                unreadable(self.unreadable)
            ));
        }
        (self.unreadable > 0).then(|| format!("{name}: blocks were left out{}", unreadable(self.unreadable)))
    }
}

impl SeriesEvidence {
    fn silence(&self) -> Option<String> {
        let name = &self.rule.name;
        if !self.is_judged() {
            return Some(format!(
                "{name}: needs history: {LEAST_HISTORY} values of stable that vary, or an allowed difference above 0, tell how \
                 it scatters; there are {}{}",
                self.known_of_stable(),
                unreadable(self.unreadable)
            ));
        }
        (self.unreadable > 0).then(|| format!("{name}: samples were left out{}", unreadable(self.unreadable)))
    }
}

fn unreadable(times: u32) -> String {
    if times == 0 {
        return String::new();
    }
    format!("; {times} times they were no numbers, contradicted themselves or had no logarithm")
}
