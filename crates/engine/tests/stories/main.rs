//! The life of a release as stories: a timeline in, what became true out; and as properties over any timeline.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod commands;
mod explain;
mod plan;
mod properties;
mod ramp;
mod rollback;
mod stored;
mod story;
mod taken_back;
