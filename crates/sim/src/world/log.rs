//! What was seen, in the order in which it happened. Observers read it afterwards, step by step.

use control::Live;
use control::ports::Turn;
use engine::{Millis, Share};
use journal::Entry;
use std::sync::Arc;

/// Something that happened, and when.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Since the beginning of the world, by a clock that never jumps.
    pub at: Millis,
    /// What.
    pub event: Event,
}

/// What can be seen from outside of control.
#[derive(Clone, Debug)]
pub enum Event {
    /// An entry was written.
    Wrote {
        /// The entry.
        entry: Box<Entry>,
        /// By which replica.
        replica: usize,
        /// Under which fence.
        fence: u64,
    },
    /// A measurement was written.
    Sampled {
        /// The stream.
        stream: String,
        /// Its number.
        n: u64,
    },
    /// Users were moved.
    Shifted {
        /// The service.
        service: String,
        /// What was in force.
        before: Share,
        /// What is.
        share: Share,
        /// The order's turn.
        turn: Turn,
    },
    /// A lever with a dead man's switch had a word from control about its service.
    Word,
    /// The lever took users back by itself: it had no word from control for too long.
    TakenBack {
        /// The service.
        service: String,
        /// What was in force.
        before: Share,
    },
    /// A version is up beside the stable one.
    Up {
        /// The version.
        version: String,
    },
    /// A version was made the stable one.
    Promoted {
        /// The version.
        version: String,
    },
    /// A version was taken away, while this share of users was on it.
    Withdrawn {
        /// The version.
        version: String,
        /// The share.
        share: Share,
    },
    /// Someone got an answer.
    Answered {
        /// Who.
        actor: String,
        /// What was asked.
        asked: &'static str,
        /// What was answered.
        answer: Answer,
    },
    /// A control plane crashed; this is what it had shown last.
    Crashed {
        /// Counted from 0.
        replica: usize,
        /// The releases as they were shown.
        lives: Vec<Arc<Live>>,
    },
    /// The world ended; this is how a service was left.
    Left {
        /// The service.
        service: String,
        /// The version that users have.
        stable: Option<String>,
        /// The version beside it.
        canary: Option<String>,
    },
    /// The world ended; this is what a control plane showed.
    Over {
        /// Counted from 0.
        replica: usize,
        /// The releases as they were shown.
        lives: Vec<Arc<Live>>,
    },
}

/// What people were told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is written.
    Accepted,
    /// It is being done, and not yet written.
    Unwritten,
    /// It is not done.
    Refused {
        /// The stable code.
        code: &'static str,
        /// Why.
        why: String,
    },
    /// The world ended before.
    None,
}
