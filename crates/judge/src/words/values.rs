//! Means and series in words.

use alloc::format;
use alloc::string::String;

use super::figures::{count, figure};
use crate::finding::{Finding, Metric, Values};

impl Finding {
    pub(super) fn of_values(&self) -> String {
        let Some(values) = &self.values else {
            return String::new();
        };
        match (values.canary, values.stable) {
            (Some(_), Some(_)) => format!("{}; up to {} worse is allowed", self.values_compared(), values.allowed),
            (None, _) | (_, None) => self.values_compared(),
        }
    }

    pub(super) fn values_blamed(&self) -> String {
        self.with_allowed("which is worse than the allowed")
    }

    pub(super) fn values_passed(&self) -> String {
        self.with_allowed("within the allowed")
    }

    pub(super) fn values_doubted(&self) -> String {
        self.with_allowed("which is not shown to be within the allowed")
    }

    pub(super) fn values_name(&self) -> String {
        self.values.as_ref().map_or_else(String::new, |values| values.name.clone())
    }

    pub(super) fn values_compared(&self) -> String {
        let Some(values) = &self.values else {
            return String::new();
        };
        let Values { name, canary: Some(canary), stable: Some(stable), .. } = values else {
            return format!("{}: nothing to compare yet", values.name);
        };
        let over = match self.metric {
            Metric::Series(_) => format!("{} samples", values.samples),
            Metric::Mean(_)
            | Metric::ErrorRate
            | Metric::GrossErrors
            | Metric::Latency(_)
            | Metric::GrossLatency
            | Metric::Throughput => {
                format!("{} and {} values", count(self.canary.requests), count(self.stable.requests))
            }
        };
        let bounds = values.between.map_or_else(String::new, |(low, high)| {
            let asymptotic = if values.asymptotic { " (an asymptotic bound)" } else { "" };
            format!("; the difference is between {} and {}{asymptotic}", figure(low), figure(high))
        });
        let cut = values.winsorised.as_ref().map_or_else(String::new, |how| format!("; values are {how}"));
        format!("{name}: {} against {} over {over}{bounds}{cut}", figure(*canary), figure(*stable))
    }

    fn with_allowed(&self, how: &str) -> String {
        let allowed = self.values.as_ref().map_or("", |values| values.allowed.as_str());
        format!("{}, {how} {allowed}", self.values_compared())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Count, Difference};

    fn orders() -> Finding {
        Finding {
            metric: Metric::Mean(0),
            margin: 0.05,
            harm_evidence: 1.0,
            weight: 0.1,
            pass: None,
            canary: Count { requests: 4_120, bad: 0 },
            stable: Count { requests: 78_200, bad: 0 },
            difference: Difference { estimate: None, low: -1.0, high: 1.0 },
            latency: None,
            phi: 1.0,
            shares: None,
            values: Some(Values {
                name: "orders".into(),
                allowed: "5 %".into(),
                canary: Some(31.25),
                stable: Some(42.0),
                between: Some((-12.6, -8.5)),
                samples: 60,
                asymptotic: true,
                winsorised: Some("cut at yesterday's 99.9 %".into()),
            }),
        }
    }

    #[test]
    fn a_mean_reads_like_a_colleague() {
        let begin = "orders: 31.2 against 42 over 4,120 and 78,200 values; the difference is between -12.6 and -8.5 (an \
                     asymptotic bound); values are cut at yesterday's 99.9 %";
        assert_eq!(orders().sentence(), format!("{begin}; up to 5 % worse is allowed"));
        assert_eq!(orders().blamed(), format!("{begin}, which is worse than the allowed 5 %"));
    }

    #[test]
    fn a_series_counts_its_samples() {
        let values =
            orders().values.map(|values| Values { name: "heap".into(), between: None, winsorised: None, ..values });
        let heap = Finding { metric: Metric::Series(0), values, ..orders() };
        assert_eq!(heap.sentence(), "heap: 31.2 against 42 over 60 samples; up to 5 % worse is allowed");
        let none = heap.values.clone().map(|values| Values { canary: None, ..values });
        assert_eq!(Finding { values: none, ..heap }.sentence(), "heap: nothing to compare yet");
    }
}
