//! The fold of what is written against what was shown live.

use super::{Observer, Step, View};
use crate::world::Event;

/// Invariant 7.
#[derive(Default)]
pub(super) struct ReplayIsLive;

impl Observer for ReplayIsLive {
    fn invariant(&self) -> &'static str {
        super::REPLAY_IS_LIVE
    }

    fn see(&mut self, view: &View<'_>, step: &Step<'_>) -> Result<(), String> {
        let (Step::Seen(Event::Crashed { lives, .. }) | Step::Seen(Event::Over { lives, .. })) = step else {
            return Ok(());
        };
        // What a replica that does not lead shows is as old as its last fold, and an end is shown when it is written.
        let current = |live: &&std::sync::Arc<control::Live>| {
            let measured = view.states.get(&live.id).map(|state| state.measurements);
            live.unwritten == 0
                && view.entries.get(&live.id) == Some(&live.seq)
                && measured == Some(live.state.measurements)
        };
        for live in lives.iter().filter(current) {
            let Some(folded) = view.states.get(&live.id) else { continue };
            if *folded != *live.state {
                let difference = difference(&format!("{folded:#?}"), &format!("{:#?}", live.state));
                return Err(format!("{} differs: {difference}", live.id));
            }
        }
        Ok(())
    }

    fn end(&mut self, _view: &View<'_>) -> Result<(), String> {
        Ok(())
    }
}

/// The first line in which two texts differ.
fn difference(folded: &str, live: &str) -> String {
    let lines = folded.lines().zip(live.lines()).find(|(a, b)| a != b);
    lines.map_or("only in length".to_string(), |(a, b)| format!("folded {}, live {}", a.trim(), b.trim()))
}
