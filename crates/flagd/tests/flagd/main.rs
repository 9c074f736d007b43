//! The protocols from outside: our listeners, and a client of tonic's with messages of its own, so that a number of a field
//! that is wrong on one side is not wrong on the other as well.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops, and says where")]

mod access;
mod client;
mod evaluation;
mod events;
mod health;
mod limits;
mod slow;
mod sync;
mod world;
