//! The dead man's switch: users are not left on a canary that nobody watches, and come back to it by a person's word alone.

use super::{Observer, Step, View};
use crate::scenario::{Illness, Trouble};
use crate::world::Event;
use control::ReleaseId;
use engine::{Millis, Record, Share, Stage};
use policy::Lever;

/// Nobody unwatched.
#[derive(Default)]
pub(super) struct NobodyUnwatched {
    /// When control said something last.
    word: Millis,
    /// While somebody is on a canary: how long control may be silent.
    limit: Option<Millis>,
    taken: Option<Taken>,
}

/// Users whom the lever took back by itself.
struct Taken {
    release: ReleaseId,
    /// When control was heard again.
    heard: Option<Millis>,
    /// The journal tells it.
    told: bool,
    /// A person lets the release go on.
    resumed: bool,
}

/// The lever looks every second.
const SLACK: Millis = Millis(1_100);

/// Control that is heard again tells the journal within this time, whatever else is broken for a while.
const LONG_ENOUGH: Millis = Millis::minutes(2);

impl Observer for NobodyUnwatched {
    fn invariant(&self) -> &'static str {
        super::NOBODY_UNWATCHED
    }

    fn see(&mut self, view: &View<'_>, step: &Step<'_>) -> Result<(), String> {
        self.unwatched(view)?;
        match step {
            Step::Seen(Event::Word) => {
                self.word = view.at;
                if let Some(taken) = &mut self.taken {
                    taken.heard.get_or_insert(view.at);
                }
            }
            // Who was heard and crashed has not had its time.
            Step::Seen(Event::Crashed { .. }) => {
                if let Some(taken) = &mut self.taken {
                    taken.heard = None;
                }
            }
            Step::Seen(Event::TakenBack { service, .. }) => {
                self.limit = None;
                let release = view.in_charge(service).map(|(id, _)| id);
                self.taken = release.map(|release| Taken { release, heard: None, told: false, resumed: false });
            }
            Step::Seen(Event::Shifted { service, before, share, .. }) => {
                self.limit = limit(view, service).filter(|_| *share != Share::NONE);
                if share > before {
                    return self.rose(view, service, *share);
                }
            }
            Step::Seen(Event::Promoted { .. } | Event::Withdrawn { .. }) => {
                self.limit = None;
                self.taken = None;
            }
            Step::Record { id, record: Record::TakenBack { .. }, .. } => self.of(*id, |taken| taken.told = true),
            Step::Record { id, stamp, record: Record::Resumed } if stamp.actor.starts_with("person-") => {
                self.of(*id, |taken| taken.resumed = taken.told);
            }
            Step::Record { .. } | Step::Measured { .. } | Step::Seen(_) => {}
        }
        Ok(())
    }

    fn end(&mut self, view: &View<'_>) -> Result<(), String> {
        self.unwatched(view)
    }
}

impl NobodyUnwatched {
    fn of(&mut self, id: ReleaseId, act: impl FnMut(&mut Taken)) {
        self.taken.iter_mut().filter(|taken| taken.release == id).for_each(act);
    }

    /// Whether users are where nobody looks, or were taken from there and nobody says so.
    fn unwatched(&mut self, view: &View<'_>) -> Result<(), String> {
        if let Some(limit) = self.limit
            && view.at > self.word + limit + SLACK
            && !excused(view)
        {
            self.limit = None;
            return Err(format!("no word from control since {}, and users are on the canary", self.word));
        }
        if let Some(Taken { release, heard: Some(heard), told: false, .. }) = self.taken
            && view.at > heard + LONG_ENOUGH
        {
            self.taken = None;
            let stage = view.states.get(&release).map(|state| &state.stage);
            if matches!(stage, Some(Stage::Ramping(_) | Stage::Watching(_))) {
                return Err(format!(
                    "control is back since {heard}, and the journal does not tell that users were taken back"
                ));
            }
        }
        Ok(())
    }

    fn rose(&mut self, view: &View<'_>, service: &str, share: Share) -> Result<(), String> {
        let Some(taken) = self.taken.take() else { return Ok(()) };
        match view.in_charge(service) {
            Some((id, _)) if id != taken.release => Ok(()),
            Some(_) | None if !taken.told => {
                Err(format!("the share rose to {share}, and the journal does not tell that users were taken back"))
            }
            Some(_) | None if !taken.resumed => {
                Err(format!("the share rose to {share} without a person's word after users were taken back"))
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// How long control may be silent about the release in charge. The first release of a service has no canary.
fn limit(view: &View<'_>, service: &str) -> Option<Millis> {
    let (_, state) = view.in_charge(service)?;
    let policies = [&view.scenario.policy].into_iter().chain(&view.scenario.edits);
    let policy = policies.into_iter().find(|policy| policy.digest() == state.opened.policy)?;
    let opened = &state.opened;
    match policy.compile(&opened.service, &opened.channel, &opened.release_type).ok()?.wiring.lever {
        Lever::Gate(gate) => gate.dead_man.filter(|_| !state.is_first()),
        Lever::Command(_) | Lever::Flag(_) => None,
    }
}

/// Users who are served are not given to a stable version that does not answer.
fn excused(view: &View<'_>) -> bool {
    view.scenario.faults.iter().any(|fault| {
        matches!(
            fault.what,
            Trouble::Version { how: Illness::Dies | Illness::Hangs, .. }
                | Trouble::Dependency { probes_fail: true, .. }
        )
    })
}
