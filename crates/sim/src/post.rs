//! Counts that are pushed to control, and the post that loses them, delivers them twice, or the later ones first.

use crate::replica::Desk;
use crate::rules::SERVICE;
use crate::scenario::PostTrouble;
use crate::world::World;
use control::Live;
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
                    push(&desk, block.clone()).await;
                    push(&desk, block).await;
                }
                Some(PostTrouble::Late) | None => push(&desk, block).await,
            }
            if let Some(late) = kept.take_if(|late| late.cursor != cursor) {
                push(&desk, late).await;
            }
        }
    }
}

/// Whoever pushes has a clock of its own, and does not know who leads nor whether it was heard.
async fn push(desk: &Desk, block: Counted) {
    let Counted { from, to, share, stable, canary, exits, .. } = block;
    for seat in desk.seats() {
        // Whoever pushes means the release whose version runs.
        let running = |live: &Arc<Live>| live.state.deploy_started && live.in_flight();
        let Some(live) = seat.control.list().into_iter().rfind(running) else { continue };
        if !live.state.plan().measured {
            // The API takes no counts for a release whose policy names no signal that is pushed.
            continue;
        }
        let measurement = Measurement {
            cursor: String::new(),
            from,
            to,
            received_at: seat.control.now(),
            share,
            stable: stable.clone(),
            canary: canary.clone(),
            gap: None,
            probes: Vec::new(),
            exits: exits.clone(),
        };
        // It is said once; what is lost is lost.
        let _ = seat.control.push(live.id, measurement).await;
    }
}
