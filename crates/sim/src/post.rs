//! Counts that are pushed to control, and the post that loses them, delivers them twice, or the later ones first.

use crate::ports::by_clock_of_control;
use crate::replica::Desk;
use crate::rules::SERVICE;
use crate::scenario::PostTrouble;
use crate::world::World;
use control::ports::Counted;
use engine::Measurement;
use std::sync::Arc;
use std::time::Duration;

/// How often is looked for what can be sent.
const ROUND: Duration = Duration::from_millis(500);

/// Pushes every interval to whoever leads, for as long as the world lasts.
pub(crate) async fn deliver(world: Arc<World>, desk: Desk) {
    let mut cursor = String::new();
    let mut kept: Option<Counted> = None;
    loop {
        tokio::time::sleep(ROUND).await;
        let blocks = world.with_gate(SERVICE, |gate| gate.after(&cursor)).unwrap_or_default();
        for block in blocks {
            cursor.clone_from(&block.cursor);
            match world.weather.post(world.now()) {
                Some(PostTrouble::Lost) => {}
                Some(PostTrouble::Late) if kept.is_none() => kept = Some(block),
                Some(PostTrouble::Twice) => {
                    push(&world, &desk, block.clone()).await;
                    push(&world, &desk, block).await;
                }
                Some(PostTrouble::Late) | None => push(&world, &desk, block).await,
            }
            if let Some(late) = kept.take_if(|late| late.cursor != cursor) {
                push(&world, &desk, late).await;
            }
        }
    }
}

/// Whoever pushes does not know who leads, nor whether it was heard.
async fn push(world: &World, desk: &Desk, block: Counted) {
    for seat in desk.seats() {
        let off_ms = world.weather.clock_off_ms(seat.life.replica, world.now());
        let Some(Counted { from, to, share, stable, canary, exits, .. }) =
            by_clock_of_control(vec![block.clone()], off_ms).pop()
        else {
            continue;
        };
        let Some(live) = seat.control.list().last().cloned() else { continue };
        let measurement = Measurement {
            cursor: String::new(),
            from,
            to,
            received_at: seat.control.now(),
            share,
            stable,
            canary,
            gap: None,
            probes: Vec::new(),
            exits,
        };
        // It is said once; what is lost is lost.
        let _ = seat.control.push(live.id, measurement).await;
    }
}
