//! The soak, counted a second time from what was measured.

use super::{Observer, Step, View};
use crate::scenario::Trouble;
use control::ReleaseId;
use engine::{Measurement, Millis, Record, Share, Stage, State, Timestamp};
use std::collections::BTreeMap;

/// The soak is neither invented nor counted twice.
#[derive(Default)]
pub(super) struct SoakIsMeasured {
    releases: BTreeMap<ReleaseId, Measured>,
}

#[derive(Default)]
struct Measured {
    /// The number of the last block; moments would not do, as clocks are stepped.
    block: u64,
    /// When the last interval that was pushed ended.
    to: Timestamp,
    fresh: Millis,
    entered: Millis,
}

impl Observer for SoakIsMeasured {
    fn invariant(&self) -> &'static str {
        super::SOAK_IS_MEASURED
    }

    fn see(&mut self, view: &View<'_>, step: &Step<'_>) -> Result<(), String> {
        match step {
            Step::Record { id, record: Record::PhaseEntered { .. }, .. } => {
                let measured = self.releases.entry(*id).or_default();
                (measured.fresh, measured.entered) = (Millis::ZERO, view.at);
                Ok(())
            }
            Step::Measured { id, measurement } => {
                let state = view.states.get(id).ok_or_else(|| format!("{id} was never opened"))?;
                self.releases.entry(*id).or_default().take(*id, state, measurement, view.scenario.traffic.pushed)
            }
            Step::Record { id, record: Record::PhasePassed { .. }, .. } => self.passed(view, *id),
            Step::Record { .. } | Step::Seen(_) => Ok(()),
        }
    }

    fn end(&mut self, view: &View<'_>) -> Result<(), String> {
        view.states.keys().try_for_each(|id| self.passed(view, *id))
    }
}

impl SoakIsMeasured {
    fn passed(&self, view: &View<'_>, id: ReleaseId) -> Result<(), String> {
        let Some(state) = view.states.get(&id) else { return Ok(()) };
        let Stage::Ramping(ramp) = &state.stage else { return Ok(()) };
        let Some(measured) = self.releases.get(&id) else { return Ok(()) };
        if ramp.soak > measured.fresh {
            return Err(format!("{id} has a soak of {}, and {} was measured", ramp.soak, measured.fresh));
        }
        let real = view.at - measured.entered + stepped(view, state);
        if ramp.soak > real {
            return Err(format!("{id} has a soak of {} within {real}", ramp.soak));
        }
        Ok(())
    }
}

/// Where nothing counts requests, only control's own clock says how long an interval was; a step of it is an interval
/// of at most what counts as stale.
fn stepped(view: &View<'_>, state: &State) -> Millis {
    let ahead = view.scenario.faults.iter().filter(|fault| !state.plan().measured && fault.during.from <= view.at);
    ahead.fold(Millis::ZERO, |sum, fault| match fault.what {
        Trouble::ClockStep { by_ms } => sum + Millis(by_ms.unsigned_abs()).min(state.plan().stale_after),
        // It goes, and comes back.
        Trouble::ClockSkew { by_ms, .. } => sum + Millis(by_ms.unsigned_abs()).min(state.plan().stale_after).times(2),
        _ => sum,
    })
}

impl Measured {
    fn take(&mut self, id: ReleaseId, state: &State, m: &Measurement, pushed: bool) -> Result<(), String> {
        let counted = m.gap.is_none();
        if counted && pushed {
            // What is pushed has no number, and the clock of whoever pushes is never stepped within a world.
            if m.from < self.to {
                return Err(format!("{id} was told of what began at {} after what ended at {}", m.from.0, self.to.0));
            }
            self.to = m.to;
        } else if counted {
            let block = m.cursor.parse().map_err(|_| format!("{id} has the cursor {:?}", m.cursor))?;
            if block <= self.block {
                return Err(format!("{id} was told of block {block} after block {}", self.block));
            }
            self.block = block;
        }
        let asked = match &state.stage {
            Stage::Ramping(ramp) => state.plan().phases.get(ramp.phase).map_or(Share::NONE, |phase| phase.share),
            _ => return Ok(()),
        };
        let seen = counted || (!state.plan().measured && m.share.is_some());
        if seen && m.share == Some(asked) && m.lateness() <= state.plan().stale_after {
            self.fresh = self.fresh + m.span();
        }
        Ok(())
    }
}
