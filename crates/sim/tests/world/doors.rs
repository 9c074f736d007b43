//! What goes through the doors of a driver: who is let in, in which order, and what becomes of those who come too late.

use crate::hands::{World, open};
use control::{ControlError, Leadership, RENEW_MS};
use engine::{Command, Input, Measurement, Share, Timestamp};
use sim::BEGINNING;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

fn why() -> String {
    "because".to_string()
}

fn roll_back() -> Input {
    Input::Command(Command::RollBack { reason: why() })
}

fn interval(n: i64) -> Measurement {
    let at = |ms: i64| Timestamp(BEGINNING.0 + 60_000 + ms);
    Measurement {
        cursor: String::new(),
        from: at(n),
        to: at(n + 1),
        received_at: at(n + 1),
        share: None,
        stable: None,
        canary: None,
        gap: None,
        probes: Vec::new(),
        exits: Vec::new(),
    }
}

#[tokio::test(start_paused = true)]
async fn who_fills_the_inbox_holds_up_no_rollback() {
    let world = World::new().await;
    let id = world.open("1.1").await.unwrap();
    world.ramping(id).await;
    let absorbed = Arc::new(AtomicUsize::new(usize::MAX));
    let (then, control) = (absorbed.clone(), world.control.clone());
    *world.world.told.lock().unwrap() = Some(Box::new(move |share| {
        if share == Share::NONE {
            let measurements = control.show(id).unwrap().state.measurements;
            then.store(usize::try_from(measurements).unwrap(), SeqCst);
        }
    }));
    let back = tokio::spawn({
        let control = world.control.clone();
        async move { control.say("ann", id, roll_back()).await.map(drop) }
    });
    // All of them stand in the inbox before the driver hears the first.
    for n in 0..50 {
        let control = world.control.clone();
        tokio::spawn(async move { control.push(id, interval(n)).await });
    }
    back.await.unwrap().unwrap();
    let before = absorbed.load(SeqCst);
    assert!(before < 5, "{before} measurements were heard before users were taken back");
}

#[tokio::test(start_paused = true)]
async fn who_comes_as_a_release_ends_is_told_that_it_is_over() {
    let world = World::new().await;
    let id = world.open("1.1").await.unwrap();
    world.ramping(id).await;
    let asking: Vec<_> = (0..20)
        .map(|_| {
            let control = world.control.clone();
            tokio::spawn(async move {
                loop {
                    match control.say("bob", id, Input::Command(Command::Resume)).await {
                        Err(ControlError::Refused(engine::Refusal::NotNow { .. })) => {}
                        other => return other.map(drop),
                    }
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    world.control.say("ann", id, Input::Command(Command::Abort { reason: why() })).await.unwrap();
    for asked in asking {
        let told = asked.await.unwrap().unwrap_err();
        assert_eq!(told.code(), "TG-2001", "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_release_whose_opening_is_answered_under_another_leadership_is_driven_once() {
    let world = World::new().await;
    world.journal.hold.send_replace(true);
    let opening = tokio::spawn(open(world.control.clone(), "1.1".to_string()));
    tokio::time::sleep(Duration::from_millis(10)).await;
    // The lease is lost and won again while the journal keeps its answer back.
    world.journal.lose_lease.store(true, SeqCst);
    tokio::time::sleep(Duration::from_millis(4 * RENEW_MS)).await;
    let leads = world.control.leadership().borrow().clone();
    assert!(matches!(leads, Leadership::Leads { fence } if fence > 1), "{leads:?}");
    world.journal.hold.send_replace(false);
    let id = opening.await.unwrap().unwrap();
    world.ramping(id).await;
    tokio::time::sleep(Duration::from_millis(4 * RENEW_MS)).await;
    assert_eq!(*world.control.leadership().borrow(), leads, "nobody was deposed");
}

#[tokio::test(start_paused = true)]
async fn an_opening_runs_to_its_end_when_whoever_asked_goes_away() {
    let world = World::new().await;
    world.journal.hold.send_replace(true);
    let opening = tokio::spawn(open(world.control.clone(), "1.1".to_string()));
    tokio::time::sleep(Duration::from_millis(10)).await;
    opening.abort();
    world.journal.hold.send_replace(false);
    // Before the next renewal could find it.
    tokio::time::sleep(Duration::from_millis(10)).await;
    let known: Vec<&str> = world.control.list().iter().map(|live| live.state.stage_word()).collect();
    assert_eq!(known, ["ramping"]);
}

#[tokio::test(start_paused = true)]
async fn a_driver_that_fails_on_its_state_is_tried_again_without_haste() {
    let world = World::new().await;
    let failures = Arc::new(AtomicUsize::new(0));
    let count = failures.clone();
    *world.world.told.lock().unwrap() = Some(Box::new(move |_| {
        assert!(count.fetch_add(1, SeqCst) >= 20, "a fault in a driver");
    }));
    let id = world.open("1.1").await.unwrap();
    tokio::time::sleep(Duration::from_millis(3 * RENEW_MS + RENEW_MS / 2)).await;
    let failed = failures.load(SeqCst);
    assert!((2..=5).contains(&failed), "{failed} failures");
    world.ramping(id).await;
}
