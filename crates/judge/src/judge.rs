//! The judge of one rollout: absorbs blocks, keeps the evidence, says how it stands.

use alloc::vec::Vec;

use crate::absorbed::{Absorbed, Reason};
use crate::counts::Block;
use crate::settings::{Margins, Settings, Unsound};
use crate::verdict::{Dispersion, DispersionSource, Outcome, Verdict};

/// The judge of one rollout. Two judges that were told the same are equal, bit for bit.
#[derive(Clone, Debug, PartialEq)]
pub struct Judge {
    settings: Settings,
}

impl Judge {
    /// A judge before the first block.
    ///
    /// # Errors
    /// Says which setting cannot be judged by, and why.
    pub fn new(settings: Settings) -> Result<Judge, Unsound> {
        settings.check()?;
        Ok(Judge { settings })
    }

    /// A phase begins at `at_ms`, with its own margins for passing.
    pub fn enter_phase(&mut self, _at_ms: i64, _margins: &Margins) {}

    /// Takes the counts of the next block.
    pub fn absorb(&mut self, _block: &Block) -> Absorbed {
        Absorbed::Skipped(Reason::BothMissing)
    }

    /// How it stands, in a word. Costs nothing.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        Outcome::Undecided
    }

    /// Whether both arms breach a trigger: hold the share and call a person, but do not blame the canary.
    #[must_use]
    pub fn shared_degradation(&self) -> bool {
        false
    }

    /// How it stands, in full.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        Verdict {
            outcome: self.outcome(),
            cause: None,
            harm_at_ms: None,
            harm_evidence: 1.0,
            harm_needed: 1.0 / self.settings.alpha_harm,
            findings: Vec::new(),
            blocks: 0,
            skipped: 0,
            dispersion: Dispersion { phi: 1.0, known: false, informative_errors: 0.0, source: DispersionSource::Nothing },
            error_streak: None,
            latency_streak: None,
            not_judged: Vec::new(),
            shared_degradation: false,
            leans_harm: false,
            canary_requests: 0,
            stable_requests: 0,
        }
    }
}
