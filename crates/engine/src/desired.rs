//! What the world should look like, read off the state. The driver compares it with what was confirmed and acts
//! until both agree; nothing here remembers whether it was already asked for.

use crate::{Share, Stage, State};

/// Whether the new version should run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Not before its turn.
    Untouched,
    /// Up and healthy beside the old version.
    Beside,
    /// In the old version's place.
    Promoted,
    /// Gone.
    Absent,
}

/// The world as it should be for one release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Desired {
    /// The share of users on the new version.
    pub share: Share,
    /// The new version itself.
    pub canary: Presence,
    /// The phase whose hooks should have run, if any are left.
    pub hooks_of: Option<usize>,
    /// Whether stable should be asked how it is.
    pub verify_stable: bool,
}

/// What the world should look like now.
#[must_use]
pub fn desired(state: &State) -> Desired {
    let at = |share, canary| Desired { share, canary, hooks_of: None, verify_stable: false };
    match &state.stage {
        Stage::Opened => at(Share::NONE, Presence::Untouched),
        Stage::Deploying => at(Share::NONE, Presence::Beside),
        // Whoever took users back decides nothing further: they stay where they are until a person speaks.
        Stage::Ramping(_) | Stage::Watching(_) if state.taken_back().is_some() => at(Share::NONE, Presence::Beside),
        Stage::Ramping(ramp) => {
            let share = state.plan().phases.get(ramp.phase).map_or(Share::NONE, |phase| phase.share);
            let hooks_of = ramp.confirmed.map(|_| ramp.phase);
            Desired { hooks_of, ..at(share, Presence::Beside) }
        }
        Stage::Watching(_) => at(Share::ALL, Presence::Beside),
        Stage::Promoting | Stage::Completed => at(Share::ALL, Presence::Promoted),
        Stage::RollingBack(rollback) => {
            // Users first: the canary is withdrawn only after the lever confirmed that nobody is on it.
            let canary = match (state.deploy_started, rollback.users_back) {
                (false, _) => Presence::Untouched,
                (true, None) => Presence::Beside,
                (true, Some(_)) => Presence::Absent,
            };
            let verify_stable = rollback.withdrawn.is_some();
            Desired { verify_stable, ..at(Share::NONE, canary) }
        }
        Stage::Ended(_) if state.deploy_started => at(Share::NONE, Presence::Absent),
        Stage::Ended(_) => at(Share::NONE, Presence::Untouched),
    }
}
