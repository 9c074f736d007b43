//! Requests without an answer, in words.

use alloc::format;
use alloc::string::{String, ToString};

use super::figures::{count, percent};
use crate::finding::{Finding, Shares};
use crate::throughput::Silence;

impl Finding {
    pub(super) fn of_throughput(&self) -> String {
        let compared = self.throughput_compared();
        let allowed = percent(self.margin);
        if self.is_empty() || self.shares.is_some() {
            compared
        } else if self.difference.low > self.margin {
            format!("{compared}, beyond the allowed {allowed} more")
        } else if self.difference.high < self.margin {
            format!("{compared}, within the allowed {allowed} more")
        } else {
            format!("{compared}; whether it keeps to the allowed {allowed} more is open")
        }
    }

    pub(super) fn throughput_blamed(&self) -> String {
        let compared = self.throughput_compared();
        match self.shares {
            Some(_) => format!("{compared}; requests vanish in it, more than the allowed {}", percent(self.margin)),
            None if self.difference.low > self.margin => self.of_throughput(),
            None => format!("{compared}; all metrics together show harm beyond what is allowed"),
        }
    }

    pub(super) fn throughput_passed(&self) -> String {
        format!("{}, within the allowed {} more", self.throughput_compared(), percent(self.margin))
    }

    pub(super) fn throughput_doubted(&self) -> String {
        format!(
            "{}; it is not shown that it loses at most {} more than stable",
            self.throughput_compared(),
            percent(self.margin)
        )
    }

    pub(super) fn throughput_compared(&self) -> String {
        if let Some(Shares { asked, got }) = self.shares {
            let all = count(self.canary.requests.saturating_add(self.stable.requests));
            return format!(
                "throughput: the canary gave {} of {all} answers, with {} of the requests",
                percent(got),
                percent(asked)
            );
        }
        let (Some(canary), Some(stable)) = (self.canary.share(), self.stable.share()) else {
            return "throughput: nothing to compare yet".to_string();
        };
        let (of_canary, of_stable) = (count(self.canary.requests), count(self.stable.requests));
        format!(
            "throughput: {} of {of_canary} canary requests were never answered, {} of {of_stable} stable ones",
            percent(canary),
            percent(stable)
        )
    }
}

impl Shares {
    /// That routing does not do as told.
    pub(super) fn mismatched(self) -> String {
        format!(
            "routing mismatch: the canary gives {} of the answers and was to have {} of the requests, which is no fault of \
             the canary",
            percent(self.got),
            percent(self.asked)
        )
    }
}

impl Silence {
    pub(crate) fn why(self) -> &'static str {
        match self {
            Silence::NothingYet => "no block was measured yet",
            Silence::NothingDue => "requests begun less than half a minute ago may still be under way",
            Silence::Slow => {
                "stable's own requests take longer than a quarter of a minute: one under way looks like one lost"
            }
            Silence::Unknown => {
                "requests begun are not counted in both arms, and it is not known that chance deals requests one by one"
            }
            Silence::Sticky => {
                "requests begun are not counted in both arms, and users stay with their version: the shares of a few \
                 heavy users prove nothing"
            }
            Silence::NoSplit => "all requests go to one arm",
            Silence::Grace => "the share changed less than half a minute ago",
            Silence::NoAnswerYet => {
                "the canary answered nothing since it was given a share; whether anything was sent to it is for the \
                 probe to say"
            }
            Silence::Clumped => "requests seem to be dealt by the connection, so that shares prove nothing",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Count, Difference, Metric};

    fn lost(low: f64, high: f64) -> Finding {
        Finding {
            metric: Metric::Throughput,
            margin: 0.1,
            harm_evidence: 1.0,
            weight: 0.1,
            pass: None,
            canary: Count { requests: 350, bad: 140 },
            stable: Count { requests: 6_650, bad: 0 },
            difference: Difference { estimate: Some(0.4), low, high },
            latency: None,
            phi: 1.0,
            shares: None,
            values: None,
        }
    }

    #[test]
    fn lost_requests_read_like_a_colleague() {
        let begin = "throughput: 40 % of 350 canary requests were never answered, 0 % of 6,650 stable ones";
        assert_eq!(lost(0.25, 0.5).sentence(), format!("{begin}, beyond the allowed 10 % more"));
        assert_eq!(lost(-0.1, 0.09).sentence(), format!("{begin}, within the allowed 10 % more"));
        assert_eq!(lost(0.1, 0.5).sentence(), format!("{begin}; whether it keeps to the allowed 10 % more is open"));
        assert_eq!(
            Finding { canary: Count::default(), ..lost(-1.0, 1.0) }.sentence(),
            "throughput: nothing to compare yet"
        );
    }

    #[test]
    fn a_share_is_told_with_what_was_asked_for() {
        let shares = Some(Shares { asked: 0.05, got: 0.031 });
        let finding = Finding {
            canary: Count { requests: 310, bad: 0 },
            stable: Count { requests: 9_690, bad: 0 },
            shares,
            margin: 0.2,
            ..lost(-1.0, 1.0)
        };
        assert_eq!(
            finding.blamed(),
            "throughput: the canary gave 3.1 % of 10,000 answers, with 5 % of the requests; requests vanish in it, more \
             than the allowed 20 %"
        );
    }
}
