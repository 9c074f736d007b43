//! Requests that somebody really measured. A trace has one version, so there are two questions: does a part of its requests,
//! drawn at random, look worse than the rest (it must not), and is a marked window found to be worse than the same pod
//! at other times (it should be)?

mod blocks;
mod csv;
mod question;

pub use csv::{Request, Window, requests, windows};
pub use question::{Answer, Asked, in_splits, in_windows, without_fault};
