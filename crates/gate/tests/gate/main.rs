//! The gate from outside: real sockets, real processes, orders over its socket, requests through its door.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops, and says where")]

mod counting;
mod instances;
mod lifetime;
mod orders;
mod patience;
mod processes;
mod protocol;
mod retry;
mod silence;
mod split;
mod upgrade;
mod world;
