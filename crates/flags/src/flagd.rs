//! flagd's JSON: what every OpenFeature client that speaks flagd reads, and the form in which our own flags are evaluated.
//!
//! What is written is the strict least that all clients accept: some fail a whole payload over one member that they do not know.

mod entry;
mod refs;

pub(crate) use entry::{Entry, as_declared, metadata};
pub(crate) use refs::Refs;
