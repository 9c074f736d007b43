//! Bugs between control and the journal.

use super::Planted;
use crate::world::World;
use journal::{Draft, Entry, Fence, Hash};

/// What is done with what should be written.
pub(crate) enum Deed {
    /// It is written.
    Write(Vec<Draft>),
    /// It is said to be written.
    Pretend(Vec<Entry>),
    /// Nobody ever answers.
    Never,
}

impl World {
    /// What becomes of drafts on their way to the journal.
    pub(crate) fn bend(&self, stream: &str, expected_seq: u64, mut drafts: Vec<Draft>) -> Deed {
        let kind = |drafts: &[Draft], kind: &str| drafts.iter().any(|draft| draft.kind == kind);
        match self.planted {
            Some(Planted::PassedUnseen) => drafts.iter_mut().filter(|draft| confirms_a_phase(draft)).for_each(pass),
            Some(Planted::StampMoved) => {
                let confirmed = drafts.iter_mut().filter(|draft| draft.kind == "share_confirmed");
                confirmed.for_each(|draft| draft.at_ms += 1);
            }
            Some(Planted::Illegible) => {
                let entered = drafts.iter_mut().filter(|draft| draft.kind == "phase_entered");
                entered.for_each(|draft| draft.body = "{}".to_string());
            }
            Some(Planted::RollbackForgotten) if !kind(&drafts, "rollback_started") => {
                let of_rollback = ["rollback_step_done", "rollback_late", "withdrawn", "ended"];
                if of_rollback.into_iter().any(|word| kind(&drafts, word)) {
                    return Deed::Never;
                }
            }
            Some(Planted::WordForgotten) if kind(&drafts, "paused") => {
                return Deed::Pretend(as_if_written(stream, expected_seq, drafts));
            }
            Some(Planted::QueueJumped) => {
                if let [opened] = &*drafts
                    && opened.kind == "opened"
                    && opened.body.contains("\"waits_for\":\"")
                {
                    let cleared = Draft {
                        kind: "way_cleared".to_string(),
                        body: "{\"kind\":\"way_cleared\",\"live\":\"1.0\"}".to_string(),
                        ..opened.clone()
                    };
                    drafts.push(cleared);
                }
            }
            _ => {}
        }
        Deed::Write(drafts)
    }

    /// The fence that the journal is told.
    pub(crate) fn fence(&self, fence: Fence) -> Fence {
        let mut inner = self.inner();
        inner.fence = inner.fence.max(fence.0);
        if self.has(Planted::FencesForgotten) { Fence(inner.fence) } else { fence }
    }
}

/// A word that was acknowledged says nothing of what a later one may write.
fn as_if_written(stream: &str, expected_seq: u64, drafts: Vec<Draft>) -> Vec<Entry> {
    let entry = |draft: Draft| Entry {
        position: 0,
        stream: stream.to_string(),
        // As before: the next one is written in its place.
        seq: expected_seq,
        at_ms: draft.at_ms,
        actor: draft.actor,
        kind: draft.kind,
        body: draft.body,
        hash: Hash::ZERO,
    };
    drafts.into_iter().map(entry).collect()
}

fn confirms_a_phase(draft: &Draft) -> bool {
    draft.kind == "share_confirmed" && !draft.body.contains("\"share\":0")
}

fn pass(draft: &mut Draft) {
    draft.kind = "phase_passed".to_string();
    draft.body =
        "{\"kind\":\"phase_passed\",\"phase\":0,\"by\":{\"by\":\"judge\"},\"verdict\":\"\",\"measurements\":0}"
            .to_string();
}
