//! Flags in the journal, and what each channel is served from them.
//!
//! A flag is a stream of the journal, `flag/<key>`; a segment is one, `segment/<name>`. Every entry holds the whole flag before
//! and after, so that one entry is enough to see what somebody did, and to take it back. [`Registry`] folds the streams, is
//! the only writer of them, and publishes an [`Edition`] per channel: compiled once, shared by all who are served.
//!
//! Two people who change the same flag do not overwrite each other: a change names the revision that it was made for. A kill
//! does not wait behind other changes, and what is published after it holds it.

mod book;
mod clients;
mod edition;
mod error;
mod publish;
mod record;
mod registry;
mod schedule;
mod write;

pub use book::{Entry, Planned};
pub use clients::{Client, Clients, Connection, Reach, Via};
pub use edition::{Channels, Edition};
pub use error::FlagError;
pub use record::{Record, SegmentRecord};
pub use registry::{Clock, Registry};
pub use write::{SegmentWish, Wish, Written};
