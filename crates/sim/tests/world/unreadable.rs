//! A release that cannot be read stops what must know all releases, and nobody's way back.

use crate::hands::World;
use control::{RENEW_MS, ReleaseId};
use engine::{Command, Input};
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

fn why() -> String {
    "because".to_string()
}

impl World {
    async fn say(&self, id: ReleaseId, command: Command) {
        self.control.say("ann", id, Input::Command(command)).await.unwrap();
    }

    fn damage(&self, id: Option<ReleaseId>) {
        *self.journal.damaged.lock().unwrap() = id.map(ReleaseId::stream);
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_ended_keeps_no_users_of_another_on_a_bad_version() {
    let world = World::new().await;
    let old = world.open("1.1").await.unwrap();
    world.ramping(old).await;
    world.say(old, Command::Abort { reason: why() }).await;
    assert_eq!(world.word_after(old, 30).await, "aborted");
    let bad = world.open("1.2").await.unwrap();
    world.ramping(bad).await;

    world.damage(Some(old));
    let world = world.restart().await;
    let unreadable = world.control.unreadable();
    assert!(matches!(&unreadable[..], [(id, why)] if *id == old && why.code() == "TG-3012"), "{unreadable:?}");
    assert_eq!(world.control.show(old).unwrap_err().code(), "TG-2110");
    world.say(bad, Command::RollBack { reason: why() }).await;
    assert_eq!(world.word_after(bad, 30).await, "rolled_back");
    // What users have may stand in what cannot be read.
    assert_eq!(world.open("1.3").await.unwrap_err().code(), "TG-2110");

    world.damage(None);
    assert_eq!(world.word_after(old, 2 * RENEW_MS / 1_000).await, "aborted");
    assert!(world.control.unreadable().is_empty());
    world.open("1.3").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn one_that_brought_the_old_version_leaves_nothing_to_go_back_to() {
    let world = World::new().await;
    let old = world.open("1.1").await.unwrap();
    for _ in 0..3 {
        world.ramping(old).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        world.say(old, Command::Advance { reason: why(), phase: None }).await;
    }
    assert_eq!(world.word_after(old, 5).await, "completed");
    let next = world.open("1.2").await.unwrap();
    world.ramping(next).await;

    world.damage(Some(old));
    let settled = world.world.settled.load(SeqCst);
    let world = world.restart().await;
    let live = world.control.show(next).unwrap();
    let codes: Vec<&str> = live.troubles.iter().map(|trouble| trouble.code).collect();
    assert_eq!(codes, ["TG-2110"], "nobody may give users back to something else");
    assert_eq!(world.world.settled.load(SeqCst), settled);

    world.damage(None);
    let world = world.restart().await;
    world.say(next, Command::RollBack { reason: why() }).await;
    assert_eq!(world.word_after(next, 30).await, "rolled_back");
}

#[tokio::test(start_paused = true)]
async fn one_under_way_is_left_alone() {
    let world = World::new().await;
    let first = world.open("1.1").await.unwrap();
    world.ramping(first).await;
    world.damage(Some(first));
    let world = world.restart().await;
    assert_eq!(world.open("1.2").await.unwrap_err().code(), "TG-2110");
    assert_eq!(world.control.list().len(), 0, "nobody drives it, and nobody shows what it may be");
}
