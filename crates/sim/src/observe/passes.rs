//! What must be true at the moment when a phase passes.

use super::{Observer, Step, View};
use control::ReleaseId;
use engine::{OnUndecided, PassedBy, Ramp, Record, Share, Stage, Stamp, State};

/// Invariants 1 and 3: evidence, and no passing in the dark.
#[derive(Default)]
pub(super) struct PassesByEvidence;

impl Observer for PassesByEvidence {
    fn invariant(&self) -> &'static str {
        super::PASSES_BY_EVIDENCE
    }

    fn see(&mut self, view: &View<'_>, step: &Step<'_>) -> Result<(), String> {
        let Step::Record { id, stamp, record: Record::PhasePassed { phase, by, measurements, .. } } = step else {
            return Ok(());
        };
        let state = view.states.get(id).ok_or_else(|| format!("{id} was never opened"))?;
        let Stage::Ramping(ramp) = &state.stage else { return Err(format!("{id} is {}", state.stage_word())) };
        if ramp.phase != *phase || state.measurements != *measurements {
            let (is, seen) = (ramp.phase, state.measurements);
            return Err(format!(
                "{id} passes phase {phase} on {measurements} measurements; it is in {is} and has {seen}"
            ));
        }
        if let PassedBy::Person { .. } = by {
            return person(*id, stamp);
        }
        soaked(*id, state, ramp, stamp)?;
        rule(*id, state, ramp, by)
    }

    fn end(&mut self, _view: &View<'_>) -> Result<(), String> {
        Ok(())
    }
}

fn person(id: ReleaseId, stamp: &Stamp) -> Result<(), String> {
    if stamp.actor.starts_with("person-") { Ok(()) } else { Err(format!("{id} was passed by {}", stamp.actor)) }
}

fn soaked(id: ReleaseId, state: &State, ramp: &Ramp, stamp: &Stamp) -> Result<(), String> {
    let planned = state.plan().phases.get(ramp.phase).ok_or("no such phase")?;
    if ramp.soak < planned.soak || ramp.confirmed.is_none() {
        return Err(format!("{id} passes with a soak of {} of {}", ramp.soak, planned.soak));
    }
    let age = stamp.at.since(state.seen_at);
    if age > state.plan().stale_after {
        return Err(format!("{id} passes on measurements that are {age} old"));
    }
    if ramp.paused.is_some() || ramp.hold.is_some() || state.blind || state.degradation_shared {
        return Err(format!("{id} passes although {}", state.stopped_by().unwrap_or_default()));
    }
    Ok(())
}

fn rule(id: ReleaseId, state: &State, ramp: &Ramp, by: &PassedBy) -> Result<(), String> {
    let planned = state.plan().phases.get(ramp.phase).ok_or("no such phase")?;
    let fits = match by {
        PassedBy::Judge => state.judge.outcome() == judge::Outcome::Pass,
        PassedBy::PlanDespiteRisk => planned.on_undecided == OnUndecided::Advance && ramp.soak >= ramp.soak_for,
        PassedBy::NothingToCompare => planned.share == Share::ALL || state.is_first(),
        PassedBy::Person { .. } => true,
    };
    if fits {
        return Ok(());
    }
    Err(format!("{id} passes phase {} by {by:?}, and the judge says {:?}", ramp.phase + 1, state.judge.outcome()))
}
