//! The judge of one rollout: absorbs blocks, keeps the evidence, says how it stands.

mod admit;
mod decide;
mod explain;
mod others;
mod past;
mod phase;
mod state;
mod weigh;

use alloc::vec::Vec;

use self::admit::{Clock, Rules};
use self::decide::Harm;
use self::past::StablePast;
use self::phase::Phase;
use crate::absorbed::{Absorbed, Reason};
use crate::between::Between;
use crate::counts::{Block, Side};
use crate::errors::ErrorEvidence;
use crate::exact::state;
use crate::means::MeanEvidence;
use crate::pass::PassTest;
use crate::recent::Fading;
use crate::series::SeriesEvidence;
use crate::settings::{Margins, Settings, Unsound};
use crate::slowness::LatencyEvidence;
use crate::stakes::{AT_EACH_PHASE, AT_THE_START};
use crate::streak::{ErrorWatch, LatencyWatch, Standing};
use crate::throughput::Throughput;
use crate::verdict::Outcome;
use crate::wealth::Reserve;

/// The judge of one rollout. Two judges that were told the same are equal, bit for bit.
///
/// Blocks before the first [`Judge::enter_phase`] teach what is normal for stable and are evidence of nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Judge {
    pub(crate) settings: Settings,
    clock: Clock,
    phase: Option<Phase>,
    /// Capital of the harm tests not yet bet; the same for all, as its release depends on time alone.
    reserve: Reserve,
    errors: ErrorEvidence,
    latency: LatencyEvidence,
    passes: Vec<PassTest>,
    throughput: Throughput,
    means: Vec<MeanEvidence>,
    series: Vec<SeriesEvidence>,
    stable_past: StablePast,
    /// Where slow requests cluster in one arm only.
    between: Between,
    /// For display only: evidence never rests on it.
    canary_recent: Fading,
    error_streak: Option<ErrorWatch>,
    latency_streak: Option<LatencyWatch>,
    counted: Counted,
    harm: Option<Harm>,
    outcome: Outcome,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Counted {
    blocks: u64,
    skipped: u64,
    canary_requests: u64,
    stable_requests: u64,
    share: f64,
}

state!(Counted { blocks, skipped, canary_requests, stable_requests, share });

impl Judge {
    /// A judge before the first block.
    ///
    /// # Errors
    /// Says which setting cannot be judged by, and why.
    pub fn new(settings: Settings) -> Result<Judge, Unsound> {
        settings.check()?;
        Ok(Judge {
            clock: Clock::default(),
            phase: None,
            reserve: Reserve::full(),
            errors: ErrorEvidence::new(settings.harm_margins.error_rate),
            latency: LatencyEvidence::new(settings.harm_margins.latency),
            // The last phase usually asks for the margins of the release: its evidence begins with the rollout.
            passes: alloc::vec![PassTest::new(&settings.harm_margins)],
            throughput: Throughput::new(),
            means: settings.means.iter().cloned().map(MeanEvidence::new).collect(),
            series: settings.series.iter().cloned().map(SeriesEvidence::new).collect(),
            stable_past: StablePast::nothing(settings.incident_ms),
            between: Between::nothing_seen(),
            canary_recent: Fading::default(),
            error_streak: settings.error_streak.clone().map(ErrorWatch::new),
            latency_streak: settings
                .latency_streak
                .clone()
                .map(|rule| LatencyWatch::new(rule, settings.latency_floor_us)),
            counted: Counted::default(),
            harm: None,
            outcome: Outcome::Undecided,
            settings,
        })
    }

    /// A phase begins at `at_ms`: warm-up starts again, fresh capital is bet, and from now on passing means these
    /// margins. Margins that cannot be judged (see [`Margins::check`]) never pass, and the verdict says so.
    pub fn enter_phase(&mut self, at_ms: i64, margins: &Margins) {
        let share = if self.phase.is_none() { AT_THE_START } else { AT_EACH_PHASE };
        if let Some(amount) = self.reserve.release(share) {
            self.errors.fund(amount);
            self.latency.fund(amount);
            self.fund_others(amount);
        }
        self.begin_phase_of_others(at_ms);
        self.phase = Some(Phase::enter(at_ms, margins, &mut self.passes));
        self.outcome = self.decide(at_ms);
    }

    /// Takes the counts of the next block. Blocks come in order of time; one that is late or cannot be true is
    /// skipped, and never counts as evidence for anybody.
    pub fn absorb(&mut self, block: &Block) -> Absorbed {
        let floor_us = self.settings.latency_floor_us;
        let rules = Rules { means: self.means.len(), series: self.series.len() };
        let absorbed = match self.clock.admit(block, rules) {
            Ok(admitted) => {
                self.weigh(block, &admitted);
                self.stable_past.learn(admitted.stable, block.from_ms, block.to_ms, floor_us);
                Absorbed::Counted
            }
            Err(reason) => {
                if let (Reason::Missing(Side::Canary), Some(stable)) = (reason, &block.stable) {
                    self.stable_past.learn(stable, block.from_ms, block.to_ms, floor_us);
                }
                Absorbed::Skipped(reason)
            }
        };
        if let Absorbed::Skipped(_) = absorbed {
            self.counted.skipped = self.counted.skipped.saturating_add(1);
        }
        absorbed
    }

    /// How it stands, in a word. Costs nothing.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The weighted average of the harm wealths, now; harm is proved at `1/alpha_harm`. Without evidence it stays
    /// about 1 (0.9 while throughput is not judged). Costs a fraction of [`Judge::verdict`].
    #[must_use]
    pub fn harm_evidence(&self) -> f64 {
        self.weighted_wealths().map(|entry| entry.1).sum()
    }

    /// Whether both arms breach a trigger: hold the share and call a person, but do not blame the canary.
    #[must_use]
    pub fn shared_degradation(&self) -> bool {
        let errors = self.error_streak.as_ref().is_some_and(|watch| watch.standing == Standing::Shared);
        let latency = self.latency_streak.as_ref().is_some_and(|watch| watch.standing == Standing::Shared);
        errors || latency
    }
}
