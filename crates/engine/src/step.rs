//! One step of a release's life: who says what, and what is true from now on.
//!
//! The engine first admits or refuses the input, then lets the state react until nothing more follows from it.
//! Each fact is absorbed the moment it is made, by the same fold that recovery uses; the caller stores the facts in
//! their order. A step that was not stored is simply taken again after a crash: reactions follow from the state alone.

mod command;
mod ramp;
mod report;
mod rollback;

use crate::{Fact, Input, Record, Refusal, Stage, Stamp, State};
use alloc::vec::Vec;

/// More reactions than any input can cause; a guard against an endless loop, not a limit that is ever met.
const MOST_REACTIONS: usize = 64;

/// Hears one input and answers with the facts that it made true, already absorbed into `state` under
/// [`State::stamped`].
///
/// # Errors
/// A [`Refusal`] says why the input changes nothing; the state is then untouched.
pub fn step(state: &mut State, stamp: &Stamp, input: Input) -> Result<Vec<Fact>, Refusal> {
    let stamp = state.stamped(stamp);
    let mut facts = admit(state, &stamp, input)?;
    for fact in &facts {
        state.absorb(&stamp, fact);
    }
    for _ in 0..MOST_REACTIONS {
        let Some(record) = react(state, &stamp) else { break };
        let fact = Fact::Record(record);
        state.absorb(&stamp, &fact);
        facts.push(fact);
    }
    Ok(facts)
}

/// Whether nothing follows from the state as time passes: to tell it [`Input::Tick`] would change nothing.
#[must_use]
pub fn at_rest(state: &State, stamp: &Stamp) -> bool {
    react(state, &state.stamped(stamp)).is_none()
}

fn admit(state: &State, stamp: &Stamp, input: Input) -> Result<Vec<Fact>, Refusal> {
    match input {
        Input::Command(command) => command::admit(state, stamp, &command),
        other => report::admit(state, stamp, other),
    }
}

/// The next thing that follows from the state, if any.
fn react(state: &State, stamp: &Stamp) -> Option<Record> {
    match &state.stage {
        Stage::Opened => state.way_clear.then_some(Record::DeployStarted),
        Stage::Deploying => None,
        Stage::Ramping(ramp) => ramp::react(state, ramp, stamp),
        Stage::Watching(watch) => ramp::react_watching(state, watch, stamp),
        Stage::RollingBack(rollback) => rollback::react(state, rollback, stamp),
        Stage::Promoting | Stage::Completed | Stage::Ended(_) => None,
    }
}
