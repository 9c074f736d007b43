//! Services that the gate serves: it moves users, runs the versions, counts them and knows how they are.
//!
//! The gate keeps the whole order of a service and replaces it as a whole. Lever and target are therefore two ways to say the
//! same thing: who is on which side, with which share.

mod call;
mod held;
mod lever;
mod order;
mod prober;
mod served;
mod settle;
mod signal;
mod target;

pub(crate) use call::{CallError, Client};
pub(crate) use lever::GateLever;
pub(crate) use order::key;
pub(crate) use prober::GateProber;
pub(crate) use served::Gated;
pub(crate) use settle::settle;
pub(crate) use signal::GateSignal;
pub(crate) use target::GateTarget;

use std::path::PathBuf;

/// Where the gate of this machine listens for orders: the path of its Unix socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateAddress(pub PathBuf);
