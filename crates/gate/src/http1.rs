//! HTTP/1.1 towards upstreams: one request at a time on a connection that is driven by whoever has the request.
//!
//! Users, who may say anything, are served by hyper. Towards upstreams its client needs a task, two channels and a copy of every request
//! that might have to be sent again; that was a third of what the gate spent on a request (ADR 7). Here a request is only borrowed, its
//! response is read by the task that passes it on, and a connection that waits for its next request is a socket and a buffer.

mod asking;
mod chunks;
mod exchange;
mod framing;
mod head;
mod link;

pub(crate) use asking::Ask;
pub(crate) use exchange::{Exchange, Trouble};
pub(crate) use link::Link;
