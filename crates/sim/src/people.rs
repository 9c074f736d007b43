//! People with patience: they say their word when its time has come, and say it again when nobody answered, unless they
//! read in the journal that it was heard.

use crate::replica::{Desk, Seat};
use crate::scenario::{Act, Opening, Scenario};
use crate::world::{Answer, Event, World};
use control::{ControlError, OpenRelease};
use engine::Input;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long people wait before they say it again.
const PATIENCE: Duration = Duration::from_millis(400);

/// All that people do in a scenario, one after the other.
pub(crate) async fn act(world: Arc<World>, desk: Desk, scenario: Scenario) {
    let began = Instant::now();
    for (n, (at, act)) in scenario.people.iter().enumerate() {
        tokio::time::sleep_until(began + Duration::from_millis(at.0)).await;
        let actor = format!("person-{}", n + 1);
        let answer = insist(&world, &desk, &scenario, &actor, act).await;
        world.saw(Event::Answered { actor, asked: act.word(), answer });
    }
    world.people_are_done();
}

/// Says it until somebody answers.
async fn insist(world: &World, desk: &Desk, scenario: &Scenario, actor: &str, act: &Act) -> Answer {
    loop {
        for seat in desk.seats() {
            let said = tokio::select! {
                biased;
                () = seat.life.ended() => None,
                result = say(&seat, scenario, actor, act) => answer(result),
            };
            if let Some(answer) = said {
                return answer;
            }
        }
        if world.inner().actors.contains(actor) {
            return Answer::Accepted;
        }
        tokio::time::sleep(PATIENCE).await;
    }
}

async fn say(seat: &Seat, scenario: &Scenario, actor: &str, act: &Act) -> Result<(), ControlError> {
    let control = &seat.control;
    let input = match act {
        Act::Open(opening) => {
            let ask = ask(opening);
            return control.open(actor, ask, &scenario.policy, Path::new("/srv")).await.map(drop);
        }
        Act::Say(command) => Input::Command(command.clone()),
        Act::Integrity(detail) => Input::IntegrityAlarm { detail: detail.clone() },
        Act::Critical(detail) => Input::CriticalReport { detail: detail.clone() },
    };
    let newest = control.list().last().map(|live| live.id);
    let id = newest.ok_or(ControlError::NotLeader { leader: None })?;
    control.say(actor, id, input).await.map(drop)
}

fn ask(opening: &Opening) -> OpenRelease {
    OpenRelease {
        service: crate::rules::SERVICE.to_string(),
        channel: crate::rules::CHANNEL.to_string(),
        release_type: "feature".to_string(),
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
