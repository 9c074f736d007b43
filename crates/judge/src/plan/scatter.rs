//! What evidence will be divided by.
//!
//! The dispersion of slow requests is read between successive blocks, at several time scales, the largest of which
//! counts. A reading of independent requests scatters about 1 with `sd = v sqrt(3 k b) / (v b + 10)` after `b` blocks with `v`
//! informative requests each, at a scale of `k` blocks: 2 for a squared normal, 3/2 as neighbours share a block, 10 the
//! judge's prior. A reading below 1 is taken for 1, the largest counts, and all are skewed, so that after few blocks it is
//! too large by much of an `sd`: a phase that could be passed in five minutes takes eight. Without this, simulated phases
//! that ask for latency passed in 46 to 95 % of the rollouts by the time that was given for 90 %.

use super::Chances;

/// How bad requests are taken to cluster.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scatter {
    /// By a factor that is known: [`Scatter::INDEPENDENT_ERRORS`], or one that was read from history.
    Known(f64),
    /// Not at all, but that must be read between blocks, as for latency.
    ReadBetweenBlocks(Seen),
    /// Not in time, which must be read between blocks of stable alone, and within users by a factor that is known: as for errors.
    ReadOverTime {
        /// The spread between groups of users.
        within_users: f64,
        /// What was seen of stable.
        seen: Seen,
    },
}

/// What a reading rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// Requests per second of both arms.
    pub per_second: f64,
    /// The length of a block.
    pub block_seconds: f64,
    /// Seconds of stable's traffic that were seen before the first canary request was judged.
    pub seen_seconds: f64,
}

impl Scatter {
    /// What the judge reads on average from errors that do not cluster: readings below 1 are taken for 1.
    pub const INDEPENDENT_ERRORS: f64 = 1.03;

    /// The factor while so many `requests` of the canary are judged.
    #[must_use]
    pub fn phi(&self, chances: &Chances, share: f64, requests: f64) -> f64 {
        match *self {
            Scatter::Known(phi) => phi,
            Scatter::ReadBetweenBlocks(seen) => seen.between_arms(chances, share, requests),
            Scatter::ReadOverTime { within_users, seen } => {
                let per_block = seen.per_block(chances) * (1.0 - share);
                let of_stable = OF_ERRORS * excess(per_block, seen.blocks(share, requests), 6.0);
                within_users.max(1.0 + CAUTION * of_stable)
            }
        }
    }
}

impl Seen {
    fn between_arms(&self, chances: &Chances, share: f64, requests: f64) -> f64 {
        let (blocks, per_block) = (self.blocks(share, requests), self.per_block(chances));
        let of_stable = excess(per_block * (1.0 - share), blocks, 6.0);
        let between = per_block * share * (1.0 - share);
        let between = if between * blocks < ENOUGH_BETWEEN { of_stable } else { excess(between, blocks, 3.0) };
        1.0 + CAUTION * of_stable.min(between)
    }

    /// Informative requests in a block.
    fn per_block(&self, chances: &Chances) -> f64 {
        self.per_second * self.block_seconds * chances.stable
    }

    /// How many blocks a reading rests on while so many requests of the canary are judged.
    fn blocks(&self, share: f64, requests: f64) -> f64 {
        let judged = requests / (self.per_second * share);
        // The mean of 1/sqrt(b) up to B is that at B/4.
        (self.seen_seconds + judged / 4.0).min(MEMORY_SECONDS) / self.block_seconds
    }
}

/// By how much the reading exceeds 1, in rollouts that pass late.
fn excess(informative: f64, blocks: f64, scale: f64) -> f64 {
    let sd = informative * libm::sqrt(3.0 * scale * blocks) / (informative * blocks + PRIOR);
    LARGEST * sd * (1.0 + SKEW * sd)
}

/// The largest of several readings, none below 1, in units of the one that scatters most. This and the next number are
/// fitted to simulated rollouts.
const LARGEST: f64 = 0.8;
/// How much more that is when few blocks were seen.
const SKEW: f64 = 0.5;
/// Errors are seen for longer than latency until a phase passes, and the late readings count most; fitted as well.
const OF_ERRORS: f64 = 0.44;
/// The judge's own: weight of the assumption of independence, and what it adds for estimation error.
const PRIOR: f64 = 10.0;
const CAUTION: f64 = 1.5;
/// From so many informative requests on the arms are compared as well.
const ENOUGH_BETWEEN: f64 = 60.0;
/// Older blocks are forgotten.
const MEMORY_SECONDS: f64 = 10_400.0;
