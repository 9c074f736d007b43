//! The gate from outside: real sockets, real processes, orders over its socket, requests through its door.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops, and says where")]

mod access_log;
mod counting;
mod grpc;
mod hostile;
mod instances;
mod lifetime;
mod limits;
mod marks;
mod orders;
mod patience;
mod processes;
mod protocol;
mod retry;
mod silence;
mod split;
mod tls;
mod towards_upstreams;
mod upgrade;
mod websocket;
mod world;
