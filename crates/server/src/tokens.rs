//! Tokens: a stream of the journal, folded into memory. Only hashes are kept; a secret exists where it was shown once.

mod book;
mod event;
mod refused;
mod registry;
mod secret;

pub(crate) use book::Bearer;
pub(crate) use refused::crowded;
pub(crate) use registry::Registry;
