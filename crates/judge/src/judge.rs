//! The judge of one rollout: absorbs blocks, keeps the evidence, says how it stands.

mod admit;
mod explain;
mod phase;

use alloc::vec::Vec;

use self::admit::{Admitted, Clock};
use self::phase::Phase;
use crate::absorbed::{Absorbed, Reason};
use crate::counts::{Arm, Block, Side};
use crate::e1::Pair;
use crate::errors::{ErrorEvidence, ErrorTilts};
use crate::pass::PassTest;
use crate::recent::Fading;
use crate::settings::{Margins, Quantile, Settings, Unsound};
use crate::slowness::{Latencies, LatencyEvidence, LatencyTilts, Levels};
use crate::spread::Spread;
use crate::streak::{ErrorBlock, ErrorWatch, LatencyBlock, LatencyWatch, Past, Standing};
use crate::verdict::{Cause, Metric, Outcome};
use crate::wealth::Reserve;

/// The judge of one rollout. Two judges that were told the same are equal, bit for bit.
///
/// Blocks before the first [`Judge::enter_phase`] teach what is normal for stable and are evidence of nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Judge {
    settings: Settings,
    clock: Clock,
    phase: Option<Phase>,
    /// Capital of the harm tests not yet bet; the same for all, as its release depends on time alone.
    reserve: Reserve,
    errors: ErrorEvidence,
    latency: LatencyEvidence,
    passes: Vec<PassTest>,
    stable_past: StablePast,
    /// For display only: evidence never rests on it.
    canary_recent: Fading,
    error_streak: Option<ErrorWatch>,
    latency_streak: Option<LatencyWatch>,
    counted: Counted,
    harm: Option<Harm>,
    outcome: Outcome,
}

/// What is known about stable before a block.
#[derive(Clone, Debug, PartialEq)]
struct StablePast {
    requests: f64,
    errors: f64,
    spread: Spread,
    levels: Levels,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Counted {
    blocks: u64,
    skipped: u64,
    canary_requests: u64,
    stable_requests: u64,
    share: f64,
}

/// Harm once proved.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Harm {
    cause: Cause,
    at_ms: i64,
}

/// The metrics whose wealths are averaged, with their weights. The remaining 0.10 belong to throughput.
const WEIGHTS: [(Metric, f64); 6] = [
    (Metric::ErrorRate, 0.30),
    (Metric::GrossErrors, 0.20),
    (Metric::Latency(Quantile::P50), 0.10),
    (Metric::Latency(Quantile::P95), 0.15),
    (Metric::Latency(Quantile::P99), 0.10),
    (Metric::GrossLatency, 0.05),
];

/// Share of the harm reserve that is bet at the start of the rollout.
const AT_THE_START: f64 = 0.4;
/// Share of what is left of it that is bet at each later phase.
const AT_EACH_PHASE: f64 = 0.2;

impl Judge {
    /// A judge before the first block.
    ///
    /// # Errors
    /// Says which setting cannot be judged by, and why.
    pub fn new(settings: Settings) -> Result<Judge, Unsound> {
        settings.check()?;
        let stable_past = StablePast { requests: 0.0, errors: 0.0, spread: Spread::new(), levels: Levels::default() };
        Ok(Judge {
            clock: Clock::default(),
            phase: None,
            reserve: Reserve::full(),
            errors: ErrorEvidence::new(settings.harm_margins.error_rate),
            latency: LatencyEvidence::new(settings.harm_margins.latency),
            // The last phase usually asks for the margins of the release: its evidence begins with the rollout.
            passes: alloc::vec![PassTest::new(&settings.harm_margins)],
            stable_past,
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
        }
        self.phase = Some(Phase::enter(at_ms, margins, &mut self.passes));
        self.outcome = self.decide(at_ms);
    }

    /// Takes the counts of the next block. Blocks come in order of time; one that is late or cannot be true is
    /// skipped, and never counts as evidence for anybody.
    pub fn absorb(&mut self, block: &Block) -> Absorbed {
        let absorbed = match self.clock.admit(block) {
            Ok(admitted) => {
                self.weigh(block, &admitted);
                self.learn(admitted.stable, block.to_ms);
                Absorbed::Counted
            }
            Err(reason) => {
                if let (Reason::Missing(Side::Canary), Some(stable)) = (reason, &block.stable) {
                    self.learn(stable, block.to_ms);
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
    /// about 0.9. Costs a fraction of [`Judge::verdict`].
    #[must_use]
    pub fn harm_evidence(&self) -> f64 {
        self.weighted_wealths().iter().map(|entry| entry.1).sum()
    }

    /// Whether both arms breach a trigger: hold the share and call a person, but do not blame the canary.
    #[must_use]
    pub fn shared_degradation(&self) -> bool {
        self.error_streak.as_ref().is_some_and(|watch| watch.standing == Standing::Shared)
    }

    /// Bets on a block with what was known before it.
    fn weigh(&mut self, block: &Block, arms: &Admitted<'_>) {
        self.counted.blocks = self.counted.blocks.saturating_add(1);
        let Some(phase) = &mut self.phase else {
            return;
        };
        self.counted.canary_requests = self.counted.canary_requests.saturating_add(arms.canary.requests);
        self.counted.stable_requests = self.counted.stable_requests.saturating_add(arms.stable.requests);
        self.counted.share = block.share;
        let warming_up = phase.warming_up(block.from_ms, self.settings.warm_up_ms);
        let released = phase.share_released(block.from_ms, self.settings.horizon_ms);
        if let Some(amount) = self.reserve.release(released) {
            self.errors.fund(amount);
            self.latency.fund(amount);
        }
        self.weigh_errors(block, arms, warming_up);
        self.weigh_latency(block, arms, warming_up);
        self.canary_recent.learn(&arms.canary.latency, block.to_ms);
        self.outcome = self.decide(block.to_ms);
    }

    fn weigh_errors(&mut self, block: &Block, arms: &Admitted<'_>, warming_up: bool) {
        let pair = Pair {
            canary: arms.canary.requests as f64,
            canary_bad: arms.canary.errors as f64,
            stable: arms.stable.requests as f64,
            stable_bad: arms.stable.errors as f64,
        };
        let phi = self.stable_past.spread.phi();
        let tilts = pair.ratio().map(ErrorTilts::new);
        if let Some(tilts) = &tilts {
            self.errors.take(&pair, tilts, warming_up, phi);
            if !warming_up {
                let past = self.stable_past.error_probability();
                for pass in &mut self.passes {
                    pass.take_errors(&pair, &tilts.pass, past, phi);
                }
            }
        }
        if let Some(watch) = &mut self.error_streak {
            watch.take(&ErrorBlock {
                from_ms: block.from_ms,
                to_ms: block.to_ms,
                pair,
                tilts: tilts.as_ref().map(|tilts| &tilts.harm),
                phi,
                past: Past { requests: self.stable_past.requests, bad: self.stable_past.errors },
            });
        }
    }

    fn weigh_latency(&mut self, block: &Block, arms: &Admitted<'_>, warming_up: bool) {
        let levels = &self.stable_past.levels;
        let both = Latencies { canary: &arms.canary.latency, stable: &arms.stable.latency };
        let tilts = both.pair(0, 0).ratio().map(LatencyTilts::new);
        if let Some(tilts) = &tilts {
            self.latency.take(&both, levels, tilts, warming_up);
            if !warming_up {
                for pass in &mut self.passes {
                    pass_latency(pass, &both, levels, tilts);
                }
            }
        }
        if let Some(watch) = &mut self.latency_streak {
            let level = levels.of(watch.rule.quantile).map(|level| level.stable);
            watch.take(&LatencyBlock {
                from_ms: block.from_ms,
                to_ms: block.to_ms,
                canary: both.canary,
                stable: both.stable,
                pair: level.map_or(Pair::default(), |level| both.pair(level, level)),
                tilts: tilts.as_ref().filter(|_| level.is_some()).map(|tilts| &tilts.harm),
                recent: &levels.recent,
                level,
            });
        }
    }

    /// Takes what stable did into what is known before the next block.
    fn learn(&mut self, stable: &Arm, now_ms: i64) {
        let past = &mut self.stable_past;
        past.requests += stable.requests as f64;
        past.errors += stable.errors as f64;
        past.spread.learn(stable, now_ms);
        if stable.latency.total() > 0 {
            past.levels.learn(&stable.latency, now_ms, self.settings.latency_floor_us);
        }
    }

    /// Harm is latched; passing is a matter of now.
    fn decide(&mut self, now_ms: i64) -> Outcome {
        if self.harm.is_none() {
            self.harm = self.harm_shown().map(|cause| Harm { cause, at_ms: now_ms });
        }
        if self.harm.is_some() {
            return Outcome::Harm;
        }
        let needed = 1.0 / self.settings.alpha_pass;
        let passed = self.phase.as_ref().is_some_and(|phase| phase.passed(&self.passes, needed));
        if passed { Outcome::Pass } else { Outcome::Undecided }
    }

    fn harm_shown(&self) -> Option<Cause> {
        let weighted = self.weighted_wealths();
        if weighted.iter().map(|entry| entry.1).sum::<f64>() >= 1.0 / self.settings.alpha_harm {
            return weighted.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|entry| entry.0.into());
        }
        if self.error_streak.as_ref().is_some_and(|watch| watch.standing == Standing::Fired) {
            return Some(Cause::ErrorStreak);
        }
        if self.latency_streak.as_ref().is_some_and(|watch| watch.standing == Standing::Fired) {
            return Some(Cause::LatencyStreak);
        }
        None
    }

    fn weighted_wealths(&self) -> [(Metric, f64); 6] {
        WEIGHTS.map(|(metric, weight)| (metric, weight * self.wealth(metric)))
    }

    /// Wealth of one harm test, with its reserve.
    fn wealth(&self, metric: Metric) -> f64 {
        let bets = match metric {
            Metric::ErrorRate => self.errors.fine(),
            Metric::GrossErrors => self.errors.gross(),
            Metric::Latency(quantile) => self.latency.fine(quantile),
            Metric::GrossLatency => self.latency.gross(),
        };
        self.reserve.left() + bets
    }
}

impl StablePast {
    /// Shrunk towards one error in a thousand requests, so that it is never 0.
    fn error_probability(&self) -> f64 {
        (self.errors + 1.0) / (self.requests + 1_000.0)
    }
}

fn pass_latency(pass: &mut PassTest, both: &Latencies<'_>, levels: &Levels, tilts: &LatencyTilts) {
    for quantile in Quantile::ALL {
        if let Some((stable, canary)) = levels.shifted(quantile, pass.shift()) {
            let ratio = levels.unchanged_ratio(stable, canary);
            pass.take_latency(quantile, &both.pair(canary, stable), &tilts.pass, ratio);
        }
    }
}
