//! Who may be blamed.

use super::{Observer, Step, View};
use crate::scenario::{Port, PortTrouble, Trouble};
use engine::{Blame, Cause, Record, Share};

/// Invariant 3, second half.
#[derive(Default)]
pub(super) struct OnlyTheSickAreBlamed;

impl Observer for OnlyTheSickAreBlamed {
    fn invariant(&self) -> &'static str {
        super::ONLY_THE_SICK
    }

    fn see(&mut self, view: &View<'_>, step: &Step<'_>) -> Result<(), String> {
        let Step::Record { id, record: Record::RollbackStarted { cause, blame: Blame::Artifact, .. }, .. } = step
        else {
            return Ok(());
        };
        let Some(state) = view.states.get(id) else { return Err(format!("{id} was never opened")) };
        let version = &state.opened.version;
        let began = |trouble: &dyn Fn(&Trouble) -> bool| {
            view.scenario.faults.iter().any(|fault| fault.during.from <= view.at && trouble(&fault.what))
        };
        let guilty = match cause {
            Cause::Harm { .. } | Cause::Unavailable { .. } => began(&|trouble| match trouble {
                Trouble::Version { version: sick, .. } => sick == version,
                // What was said to run and does not is taken for dead.
                Trouble::Port { port: Port::Deploy | Port::Settle | Port::Promote, how: PortTrouble::Lies } => true,
                // With everybody on the new version nobody is measured beside it; the judge compares with the past, and
                // says so.
                Trouble::Dependency { .. } => state.confirmed_share.is_some_and(|(share, _)| share == Share::ALL),
                _ => false,
            }),
            Cause::HookFailed { hook, .. } => began(&|trouble| match trouble {
                Trouble::HookFails { hook: failing } => failing == hook,
                Trouble::Port { port, .. } => *port == Port::Hook,
                _ => false,
            }),
            Cause::Integrity { .. } | Cause::CriticalReport { .. } | Cause::Person { .. } => true,
            Cause::Undecided { .. } | Cause::DeployFailed { .. } | Cause::Superseded { .. } => false,
        };
        if guilty { Ok(()) } else { Err(format!("{id} is blamed, and {version} is well: {cause}")) }
    }

    fn end(&mut self, _view: &View<'_>) -> Result<(), String> {
        Ok(())
    }
}
