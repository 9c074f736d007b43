//! People with patience: they say their word when its time has come, and say it again when nobody answered, unless they
//! read in the journal that it was heard.

use crate::planted::Planted;
use crate::replica::{Desk, Seat};
use crate::scenario::{Act, Aim, Opening, Scenario};
use crate::world::{Answer, Event, World};
use control::{ControlError, OpenRelease};
use engine::Input;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long people wait before they say it again.
const PATIENCE: Duration = Duration::from_millis(400);

/// How long people wait who are in haste.
const HASTE: Duration = Duration::from_millis(40);

/// All that people do in a scenario, one after the other.
pub(crate) async fn act(world: Arc<World>, desk: Desk, scenario: Scenario) {
    let began = Instant::now();
    for (n, (at, act)) in scenario.people.iter().enumerate() {
        tokio::time::sleep_until(began + Duration::from_millis(at.0)).await;
        if let Act::Edit(_) = act {
            // A file was written; nobody needs to answer.
            continue;
        }
        let person = Person { world: &world, desk: &desk, scenario: &scenario, number: n };
        let answer = person.insist(act).await;
        world.saw(Event::Answered { actor: person.name(), asked: act.word(), answer });
    }
    world.people_are_done();
}

/// Somebody who wants one thing.
struct Person<'a> {
    world: &'a World,
    desk: &'a Desk,
    scenario: &'a Scenario,
    number: usize,
}

impl Person<'_> {
    fn name(&self) -> String {
        format!("person-{}", self.number + 1)
    }

    /// Says it until somebody answers.
    async fn insist(&self, act: &Act) -> Answer {
        loop {
            for seat in self.desk.seats() {
                let said = tokio::select! {
                    biased;
                    () = seat.life.ended() => None,
                    // Whoever is in haste says it again before anybody could answer.
                    () = tokio::time::sleep(HASTE), if self.scenario.hasty => None,
                    result = self.say(&seat, act) => answer(result),
                };
                if let Some(answer) = said {
                    return answer;
                }
            }
            if self.world.inner().actors.contains(&self.name()) {
                return Answer::Accepted;
            }
            tokio::time::sleep(PATIENCE).await;
        }
    }

    async fn say(&self, seat: &Seat, act: &Act) -> Result<(), ControlError> {
        let control = &seat.control;
        let input = match act {
            Act::Open(opening) => {
                let bug = self.world.has(Planted::OldPolicy);
                let policy = if bug { &self.scenario.policy } else { self.scenario.policy_of(self.number) };
                return control
                    .open(&self.name(), ask(&self.scenario.aim, opening), policy, Path::new("/srv"))
                    .await
                    .map(drop);
            }
            Act::Say(command) => Input::Command(command.clone()),
            Act::Integrity(detail) => Input::IntegrityAlarm { detail: detail.clone() },
            Act::Critical(detail) => Input::CriticalReport { detail: detail.clone() },
            Act::Edit(_) => return Ok(()),
        };
        let newest = control.list().last().map(|live| live.id);
        let id = newest.ok_or(ControlError::NotLeader { leader: None })?;
        control.say(&self.name(), id, input).await.map(drop)
    }
}

fn ask(aim: &Aim, opening: &Opening) -> OpenRelease {
    OpenRelease {
        service: aim.service.clone(),
        channel: aim.channel.clone(),
        release_type: aim.release_type.clone(),
        version: opening.version.clone(),
        digest: opening.digest.clone(),
        supersede: opening.supersede,
        lift_quarantine: opening.lift_quarantine.clone(),
        note: None,
    }
}

/// What people make of a result; `None` when they ask again.
fn answer(result: Result<(), ControlError>) -> Option<Answer> {
    match result {
        Ok(()) => Some(Answer::Accepted),
        Err(ControlError::Unwritten { .. }) => Some(Answer::Unwritten),
        Err(ControlError::NotLeader { .. } | ControlError::Journal { .. }) => None,
        Err(error) => Some(Answer::Refused { code: error.code(), why: error.to_string() }),
    }
}
