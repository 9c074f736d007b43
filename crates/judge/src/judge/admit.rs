//! Which blocks may be weighed: in order, of sane length, with both arms measured and counts that can be true.

use crate::absorbed::Reason;
use crate::counts::{Arm, Block, Impossible, Side};
use crate::exact::state;
use crate::sketch::Histogram;

/// Both arms of a block that may be weighed.
pub(super) struct Admitted<'a> {
    pub(super) stable: &'a Arm,
    pub(super) canary: &'a Arm,
}

/// How many there are. Fewer values than rules: those metrics were not measured in this block.
#[derive(Clone, Copy)]
pub(super) struct Rules {
    pub(super) means: usize,
    pub(super) series: usize,
}

/// The end of the last block.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Clock {
    latest_end_ms: Option<i64>,
}

state!(Clock { latest_end_ms });

/// A longer block mixes hours and shares; it is no measurement at one time.
const LONGEST_BLOCK_MS: i64 = 3_600_000;

/// With the whole traffic on the canary there is no stable arm to measure.
static IDLE: Arm = Arm {
    requests: 0,
    errors: 0,
    started: None,
    latency: Histogram::new(),
    buckets: alloc::vec::Vec::new(),
    fresh_errors: None,
    means: alloc::vec::Vec::new(),
};

impl Clock {
    /// Admits a block and moves on to its end. A block that was skipped for what it says still took its time.
    pub(super) fn admit<'a>(&mut self, block: &'a Block, rules: Rules) -> Result<Admitted<'a>, Reason> {
        if block.to_ms <= block.from_ms {
            return Err(Reason::EmptySpan);
        }
        if block.to_ms.saturating_sub(block.from_ms) > LONGEST_BLOCK_MS {
            return Err(Reason::TooLong);
        }
        if self.latest_end_ms.is_some_and(|end| block.from_ms < end) {
            return Err(Reason::Backwards);
        }
        self.latest_end_ms = Some(block.to_ms);
        arms(block, rules)
    }
}

fn arms(block: &Block, rules: Rules) -> Result<Admitted<'_>, Reason> {
    if !(0.0..=1.0).contains(&block.share) {
        return Err(Reason::ImpossibleShare);
    }
    for (side, arm) in [(Side::Stable, &block.stable), (Side::Canary, &block.canary)] {
        if let Some(arm) = arm {
            arm.check().map_err(|what| Reason::Impossible(side, what))?;
            if arm.means.len() > rules.means {
                return Err(Reason::Impossible(side, Impossible::MoreMeansThanRules));
            }
        }
    }
    if block.series.len() > rules.series {
        return Err(Reason::Impossible(Side::Canary, Impossible::MoreSeriesThanRules));
    }
    match (&block.stable, &block.canary) {
        (Some(stable), Some(canary)) => Ok(Admitted { stable, canary }),
        (None, Some(canary)) if block.share >= 1.0 => Ok(Admitted { stable: &IDLE, canary }),
        (None, Some(_)) => Err(Reason::Missing(Side::Stable)),
        (Some(_), None) => Err(Reason::Missing(Side::Canary)),
        (None, None) => Err(Reason::BothMissing),
    }
}
