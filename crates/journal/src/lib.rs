//! The product's memory: append-only streams under one hash chain, behind one contract.
//!
//! Everything that Tidegate knows about a release is a reading of this journal, so the crate promises four things and
//! refuses everything else. What was acknowledged is durable. What is written is never edited. A leader that lost its
//! lease cannot write. A reader is never handed an entry that differs from what was written: every read checks the chain.
//!
//! [`Memory`] and [`Sqlite`] answer the same contract suite. Time is an input of every call that needs it; the crate
//! reads no clock. The exact bytes under a hash are described in [`mod@chain`].
//!
//! ```
//! use journal::{AppendError, Draft, Journal, Memory};
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let journal = Memory::new();
//! let lease = journal.acquire("replica-1", 0, 10_000).await?;
//! let opened = Draft { kind: "Opened".into(), at_ms: 0, actor: "ada".into(), body: r#"{"to":"1.1"}"#.into() };
//! let entries = journal.append("release/7", 0, lease.fence, vec![opened.clone()]).await?;
//! assert_eq!(journal.tail(0).next().await?, entries[0]);
//!
//! let again = journal.append("release/7", 0, lease.fence, vec![opened]).await;
//! assert_eq!(again, Err(AppendError::Conflict { expected: 0, actual: 1 }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
pub use entry::{Begun, Draft, Entry, Fence, Head, NotAHead, Sample, StreamHead};
pub use error::{AppendError, LeaseError};
pub use hash::{Hash, NotAHash};
pub use lease::Lease;
pub use memory::Memory;
pub use sqlite::{OpenError, Sqlite};
pub use tail::Tail;
pub use unavailable::{Unavailable, UnavailableKind};
