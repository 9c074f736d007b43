//! Betting on a block with what was known before it.

use super::Judge;
use super::admit::Admitted;
use super::past::StablePast;
use crate::counts::{Arm, Block};
use crate::e1::Pair;
use crate::errors::ErrorTilts;
use crate::incident::Stake;
use crate::pass::{PassTest, Slow};
use crate::settings::Quantile;
use crate::slowness::{Latencies, LatencyTilts, SlowPast};
use crate::streak::{ErrorBlock, LatencyBlock, Past};

impl Judge {
    pub(super) fn weigh(&mut self, block: &Block, arms: &Admitted<'_>) {
        self.counted.blocks = self.counted.blocks.saturating_add(1);
        let Some(phase) = &mut self.phase else {
            self.learn_series(block);
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
            self.fund_others(amount);
        }
        self.weigh_errors(block, arms, warming_up);
        self.weigh_latency(block, arms, warming_up);
        self.throughput.take(block, arms.stable, arms.canary);
        if !warming_up {
            self.weigh_rules(block, arms);
        }
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
        let counted = |count: fn(&Arm) -> u64| Pair {
            canary_bad: count(arms.canary) as f64,
            stable_bad: count(arms.stable) as f64,
            ..pair
        };
        let (failures, fresh) = (counted(Arm::failures), counted(Arm::fresh));
        let stake = Stake {
            from_ms: block.from_ms,
            pair: &failures,
            incident_ms: self.settings.incident_ms,
            steady: self.stable_past.arrivals.steady(),
        };
        let phi = self.stable_past.error_phi();
        let tilts = pair.ratio().map(ErrorTilts::new);
        if let Some(tilts) = &tilts {
            self.errors.bet(&stake, &fresh, tilts, warming_up);
            self.errors.show(&pair, tilts, warming_up, phi);
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
                stake,
                tilts: tilts.as_ref().map(|tilts| &tilts.harm),
                phi,
                past: Past { requests: self.stable_past.requests, bad: self.stable_past.errors },
            });
        }
    }

    /// What is known of slow requests before the next block.
    pub(super) fn slow_past(&self) -> SlowPast<'_> {
        let StablePast { levels, hiccups, .. } = &self.stable_past;
        SlowPast { levels, hiccups, between: &self.between }
    }

    fn weigh_latency(&mut self, block: &Block, arms: &Admitted<'_>, warming_up: bool) {
        let (levels, hiccups, between) = (&self.stable_past.levels, &self.stable_past.hiccups, &self.between);
        let past = SlowPast { levels, hiccups, between };
        let both = Latencies { canary: &arms.canary.latency, stable: &arms.stable.latency };
        let tilts = both.pair(0, 0).ratio().map(LatencyTilts::new);
        if let Some(tilts) = &tilts {
            self.latency.take(&both, &past, tilts, warming_up);
            if !warming_up {
                for pass in &mut self.passes {
                    pass_latency(pass, &both, &past, tilts);
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
        // Only now: what is read from a block is for the blocks after it.
        self.between.learn(&self.stable_past.levels, &both, block.share);
    }
}

fn pass_latency(pass: &mut PassTest, both: &Latencies<'_>, past: &SlowPast<'_>, tilts: &LatencyTilts) {
    let levels = past.levels;
    for quantile in Quantile::ALL {
        if let Some((stable, canary)) = levels.shifted(quantile, pass.shift()) {
            let slow = Slow { unchanged: levels.unchanged_ratio(stable, canary), phi: past.phi(quantile) };
            pass.take_latency(quantile, &both.pair(canary, stable), &tilts.pass, slow);
        }
    }
}
