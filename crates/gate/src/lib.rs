//! The data plane of a host.
//!
//! A process of its own, so that traffic flows and applications run while the control plane is restarted, upgraded or dead. It does
//! what its last order says: listens, splits users between two versions, keeps local processes alive, counts what happened to whom.
//! It decides nothing. [`wire`] is the protocol in which it is told and answers.
//!
//! Two kinds of threads: workers (one per core) move traffic and share nothing but a route that changes as a whole and tallies that
//! each of them writes alone; the thread that called [`run`] does everything else.

mod access_log;
mod admin;
mod balance;
mod chance;
mod clock;
mod connection;
mod count;
mod door;
mod error;
mod forward;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod gate;
mod group;
mod handover;
mod home;
mod http1;
mod lane;
mod ledger;
mod local;
mod metrics;
mod order;
mod patient;
mod pool;
mod preface;
mod remembered;
mod route;
mod run;
mod seats;
mod service;
mod snapshot;
mod sticky;
mod supervise;
mod tls;
mod upstream;
pub mod wire;
mod worker;

pub use error::GateError;
pub use run::{Options, run};
