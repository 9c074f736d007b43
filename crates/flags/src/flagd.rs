//! flagd's JSON: what every OpenFeature client that speaks flagd reads, and the form in which our own flags are evaluated.
//!
//! What is written ([`FlagSet::flagd`](crate::FlagSet::flagd)) is the strict least that all clients accept: some fail a whole
//! payload over one member that they do not know. What is read comes from others: [`import`] makes flags of it or says what is in
//! the way, and [`validate`] holds it against the published schemas.

mod entry;
mod import;
mod refs;
mod schema;

pub(crate) use entry::{Entry, as_declared, is_shallow, metadata};
pub use import::{Imported, import};
pub(crate) use import::{KEY_HINT, is_key};
pub(crate) use refs::Refs;
pub use schema::{Schema, validate};
