//! Who gets what.
//!
//! A user must see the same side of a split wherever the split is decided: in the gate's data plane, in a flag evaluated by the
//! server, in a client library. So the one function that turns a user into a place on the line lives here, alone, without a clock,
//! a socket or an allocator, and every implementation in another language is held to the cases in `vectors/bucketing.json`.
#![no_std]

pub mod bucket;
mod cbor;
mod murmur3;
