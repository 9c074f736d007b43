//! The gate from outside: real sockets, real processes, orders over its socket, requests through its door.

mod counting;
mod lifetime;
mod orders;
mod processes;
mod protocol;
mod retry;
mod split;
mod world;
