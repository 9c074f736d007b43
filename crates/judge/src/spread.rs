//! How strongly errors cluster, read from stable alone: a canary whose errors cluster must not excuse itself.
//!
//! Stable's users are spread over 64 buckets by a hash, so each bucket should hold its share `a` of all errors `X`. With
//! `res = x - a X` and `V = X a (1 - a)(1 - X/N)`, summed over buckets and over blocks at three time scales:
//! ```text
//! phi_scale = (sum res² + 10) / (sum V + 10)        phi = 1 + 1.5 (max(1, largest phi_scale) - 1)
//! ```
//! The 10 holds it near 1 until something is known; the 1.5 allows for estimation error. Bursts that hit all users
//! alike (`X` above ten times its usual level) are left out, as they scatter like independent errors and would hide the
//! clusters. A factor is used only for blocks after those that it was read from.

use alloc::vec::Vec;

use crate::counts::{Arm, Bucket, USER_BUCKETS};
use crate::exact::state;
use crate::verdict::{Dispersion, DispersionSource, ErrorArrivals};

/// Blocks per aggregate: clusters of one block, of a few, and of a minute.
const SCALES: [u32; 3] = [1, 3, 6];
/// Weight of the assumption that errors are independent.
const PRIOR: f64 = 10.0;
/// How much the measured excess is raised for estimation error.
const CAUTION: f64 = 1.5;
/// An error counts half after this time.
const HALF_LIFE_MS: f64 = 3_600_000.0;
/// So many informative errors make the factor known.
const ENOUGH: f64 = 200.0;

/// The dispersion of stable's errors.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spread {
    phi: f64,
    source: DispersionSource,
    scales: [Scale; 3],
    latest_ms: Option<i64>,
}

state!(Spread { phi, source, scales, latest_ms });

#[derive(Clone, Debug, PartialEq)]
struct Scale {
    /// Blocks in an aggregate.
    every: u32,
    /// Blocks in the aggregate that is being filled.
    filled: u32,
    cells: Vec<Cell>,
    /// Sum of squared residuals.
    found: f64,
    /// What it would be for independent errors.
    expected: f64,
    /// Usual number of errors in an aggregate.
    usual: f64,
}

state!(Scale { filled, cells, found, expected, usual } made { every } sound |read| read.filled < read.every && read.cells.len() <= USER_BUCKETS);

/// What is done with an aggregate that has ten times its usual errors.
#[derive(Clone, Copy, PartialEq)]
enum Bursts {
    /// It hit all users alike and would hide clusters within users.
    LeftOut,
    /// It is a cluster in time.
    Counted,
}

/// Requests and errors of one bucket, or of one stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Cell {
    requests: f64,
    errors: f64,
}

state!(Cell { requests, errors });

impl Spread {
    pub(crate) fn new() -> Spread {
        let scales =
            SCALES.map(|every| Scale { every, filled: 0, cells: Vec::new(), found: 0.0, expected: 0.0, usual: 1.0 });
        Spread { phi: 1.0, source: DispersionSource::Nothing, scales, latest_ms: None }
    }

    /// The factor for the next block.
    pub(crate) fn phi(&self) -> f64 {
        self.phi
    }

    /// The largest dispersion over the time scales, without the allowance for estimation error.
    pub(crate) fn largest(&self) -> f64 {
        self.scales.iter().map(Scale::factor).fold(1.0, f64::max)
    }

    pub(crate) fn reading(&self, arrivals: ErrorArrivals) -> Dispersion {
        let informative_errors = self.scales[0].expected;
        Dispersion {
            phi: self.phi,
            known: informative_errors >= ENOUGH,
            informative_errors,
            source: if informative_errors > 0.0 { self.source } else { DispersionSource::Nothing },
            arrivals,
        }
    }

    /// Takes stable's counts of a block that ended at `now_ms`.
    pub(crate) fn learn(&mut self, stable: &Arm, now_ms: i64) {
        if stable.requests == 0 {
            return;
        }
        if stable.buckets.is_empty() {
            self.learn_over_time(stable, now_ms);
        } else {
            self.take(DispersionSource::UserBuckets, now_ms, |scale| scale.take_buckets(&stable.buckets));
        }
    }

    /// Takes stable's totals, to be compared with the block before: clusters that hit users alike, such as those within one
    /// process, are seen in no other way.
    pub(crate) fn learn_over_time(&mut self, stable: &Arm, now_ms: i64) {
        let total = Cell { requests: stable.requests as f64, errors: stable.errors as f64 };
        self.take(DispersionSource::SuccessiveBlocks, now_ms, |scale| scale.take_total(total, Bursts::LeftOut));
    }

    /// Takes one total of stable's block, to be compared with the block before it. Bursts are what is looked for here.
    pub(crate) fn learn_successive(&mut self, requests: f64, bad: f64, now_ms: i64) {
        if requests > 0.0 {
            let total = Cell { requests, errors: bad };
            self.take(DispersionSource::SuccessiveBlocks, now_ms, |scale| scale.take_total(total, Bursts::Counted));
        }
    }

    fn take(&mut self, source: DispersionSource, now_ms: i64, take: impl Fn(&mut Scale)) {
        self.read_from(source);
        let kept = self.kept_until(now_ms);
        for scale in &mut self.scales {
            scale.found *= kept;
            scale.expected *= kept;
            take(scale);
        }
        self.phi = 1.0 + CAUTION * (self.largest() - 1.0);
    }

    /// Half-filled aggregates of another source are dropped; what was learned stays.
    fn read_from(&mut self, source: DispersionSource) {
        if self.source != source {
            self.source = source;
            self.scales.iter_mut().for_each(Scale::start_over);
        }
    }

    fn kept_until(&mut self, now_ms: i64) -> f64 {
        let before = self.latest_ms.replace(now_ms).unwrap_or(now_ms);
        let half_lives = now_ms.saturating_sub(before) as f64 / HALF_LIFE_MS;
        libm::exp2(-half_lives.max(0.0))
    }
}

impl Scale {
    fn factor(&self) -> f64 {
        (self.found + PRIOR) / (self.expected + PRIOR)
    }

    fn start_over(&mut self) {
        self.cells.clear();
        self.filled = 0;
    }

    /// One cell per user bucket, filled for `every` blocks and then compared.
    fn take_buckets(&mut self, buckets: &[Bucket]) {
        self.cells.resize(buckets.len(), Cell::default());
        for (cell, bucket) in self.cells.iter_mut().zip(buckets) {
            cell.requests += bucket.requests as f64;
            cell.errors += bucket.errors as f64;
        }
        self.filled += 1;
        if self.filled >= self.every {
            self.compare(Bursts::LeftOut);
            self.start_over();
        }
    }

    /// Two cells, the aggregate before and the one being filled, compared when the second is full.
    fn take_total(&mut self, total: Cell, bursts: Bursts) {
        self.cells.resize(2, Cell::default());
        if let Some(cell) = self.cells.last_mut() {
            cell.requests += total.requests;
            cell.errors += total.errors;
        }
        self.filled += 1;
        if self.filled >= self.every {
            self.compare(bursts);
            self.filled = 0;
            self.cells.remove(0);
        }
    }

    /// Adds `sum res²` and `sum V` over the cells, written out so that one pass is enough.
    fn compare(&mut self, bursts: Bursts) {
        let (mut errors, mut requests) = (0.0, 0.0);
        let (mut errors_squared, mut requests_squared, mut product) = (0.0, 0.0, 0.0);
        for cell in &self.cells {
            errors += cell.errors;
            requests += cell.requests;
            errors_squared += cell.errors * cell.errors;
            requests_squared += cell.requests * cell.requests;
            product += cell.errors * cell.requests;
        }
        if errors <= 0.0 || errors >= requests {
            return;
        }
        let per_request = errors / requests;
        let concentration = requests_squared / (requests * requests);
        if bursts == Bursts::Counted || errors <= 10.0 * self.usual + 10.0 {
            let residuals = errors_squared - 2.0 * per_request * product + errors * errors * concentration;
            self.found += residuals.max(0.0);
            self.expected += errors * (1.0 - concentration) * (1.0 - per_request);
        }
        self.usual += 0.02 * (errors.min(3.0 * self.usual + 1.0) - self.usual);
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    /// A thousand requests in each bucket, with these errors.
    fn stable(errors: impl Fn(usize) -> u64) -> Arm {
        let bucket = |at| Bucket { requests: 1_000, errors: errors(at), affected_users: errors(at).min(1) };
        let buckets: Vec<Bucket> = (0..64).map(bucket).collect();
        let errors = buckets.iter().map(|bucket| bucket.errors).sum();
        Arm { requests: 64_000, errors, buckets, ..Arm::default() }
    }

    fn after(blocks: i64, arm: impl Fn(usize) -> Arm) -> Spread {
        let mut spread = Spread::new();
        (0..blocks).for_each(|number| spread.learn(&arm(number as usize), number * 10_000));
        spread
    }

    #[test]
    fn five_errors_in_one_bucket_of_each_block_scatter_five_times() {
        let spread = after(200, |number| stable(|at| if at == number * 7 % 64 { 5 } else { 0 }));
        // 1 + 1.5 (5 - 1) less what the prior holds back, as the clusters do not outlast a block.
        assert!((6.0..=7.2).contains(&spread.phi()), "{}", spread.phi());
        assert!(spread.reading(ErrorArrivals::Unknown).known);
    }

    #[test]
    fn a_burst_that_hits_all_users_alike_does_not_hide_clusters() {
        let cluster = |number: usize, at: usize| if at == number * 7 % 64 { 5 } else { 0 };
        let burst = |number: usize| if number % 50 == 49 { 20 } else { 0 };
        let spread = after(200, |number| stable(|at| cluster(number, at) + burst(number)));
        assert!(spread.phi() > 4.0, "{}", spread.phi());
    }

    #[test]
    fn old_errors_count_less() {
        let mut spread = after(200, |number| stable(|at| if at == number * 7 % 64 { 5 } else { 0 }));
        let before = spread.reading(ErrorArrivals::Unknown).informative_errors;
        spread.learn(&stable(|_| 0), 200 * 10_000 + 3_600_000);
        let after = spread.reading(ErrorArrivals::Unknown).informative_errors;
        assert!((after / before - 0.5).abs() < 0.01, "{before} {after}");
    }

    #[test]
    fn nothing_is_known_of_no_errors() {
        let spread = after(200, |_| stable(|_| 0));
        assert_eq!((spread.phi(), spread.reading(ErrorArrivals::Unknown).source), (1.0, DispersionSource::Nothing));
        let none = Arm { buckets: vec![], ..stable(|_| 0) };
        assert_eq!(after(200, |_| none.clone()).phi(), 1.0);
    }
}
