//! What goes over the wire, derived by hand from flagd's published protocol: twenty small messages need no compiler of protocol
//! files, and here a reader sees each field's number beside its name.

pub(crate) mod evaluation;
mod framing;
pub(crate) mod health;
pub(crate) mod structure;
pub(crate) mod sync;

pub(crate) use framing::{frame, framed, message, once, read, stream};
