//! The product's memory: append-only streams under one hash chain, behind one contract.
//!
//! Everything that Tidegate knows about a release is a reading of this journal, so the crate promises four things and
//! refuses everything else. What was acknowledged is durable. What is written is never edited. A leader that lost its
//! lease cannot write. A reader is never handed an entry that differs from what was written: every read checks the chain.
//!
//! [`Memory`] and [`Sqlite`] answer the same contract suite. Time is an input of every call that needs it; the crate
//! reads no clock. The exact bytes under a hash are described in [`mod@chain`].

mod admit;
mod audit;
pub mod chain;
mod contract;
mod damage;
mod entry;
mod error;
mod hash;
mod lease;
mod memory;
mod sqlite;
mod tail;
mod unavailable;

pub use audit::Report;
pub use contract::{BoxFuture, Journal};
pub use damage::{Damage, DamageKind, Place};
pub use entry::{Draft, Entry, Fence, Head, NotAHead, Sample, StreamHead};
pub use error::{AppendError, LeaseError};
pub use hash::{Hash, NotAHash};
pub use lease::Lease;
pub use memory::Memory;
pub use sqlite::{OpenError, Sqlite};
pub use tail::Tail;
pub use unavailable::{Unavailable, UnavailableKind};
