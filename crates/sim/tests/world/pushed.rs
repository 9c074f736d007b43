//! Counts that are pushed know no share: they are of the share that was in force while they were counted, and not of the one
//! that is when they come.

use crate::hands::{World, open};
use control::Live;
use engine::{Measurement, Millis, Share, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// What both versions did up to now, as somebody sends it who has just counted it.
async fn push(world: &World, live: &Live, from: Timestamp) -> Arc<Live> {
    let arm = |requests| Some(judge::Arm { requests, ..judge::Arm::default() });
    let to = world.control.now();
    let counted = Measurement {
        cursor: String::new(),
        from,
        to,
        received_at: to,
        share: None,
        stable: arm(75),
        canary: arm(25),
        gap: None,
        probes: Vec::new(),
        exits: Vec::new(),
    };
    world.control.push(live.id, counted).await.unwrap();
    let mut changes = world.control.watch(live.id).unwrap();
    changes.wait_for(|live| live.last.as_ref().is_some_and(|last| last.to == to)).await.unwrap().clone()
}

fn soak(live: &Live) -> Millis {
    match &live.state.stage {
        engine::Stage::Ramping(ramp) => ramp.soak,
        other => panic!("no phase is under way: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn pushed_counts_of_the_share_before_are_no_time_of_this_phase() {
    let world = World::new().await;
    let id = open(world.control.clone(), "1.1".to_string()).await.unwrap();
    world.ramping(id).await;
    let live = world.control.show(id).unwrap();
    let (share, confirmed) = live.state.confirmed_share.unwrap();
    assert_eq!(share, Share::percent(25));
    tokio::time::sleep(Duration::from_secs(1)).await;

    let before = push(&world, &live, Timestamp(confirmed.0 - 1)).await;
    assert_eq!(before.last.as_ref().unwrap().share, None, "it began before the share was in force");
    assert_eq!(soak(&before), Millis::ZERO);

    let next = world.control.now();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let after = push(&world, &live, next).await;
    assert_eq!(after.last.as_ref().unwrap().share, Some(share));
    assert_eq!(soak(&after), Millis::seconds(1));
}
