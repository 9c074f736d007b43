//! A Prometheus server: asked by a small client, and read as a signal.
//!
//! Counters are read as they were sampled and subtracted here. What the server makes of them (`rate`, `increase`) is
//! extrapolated, hides restarts, and cannot tell a counter that stood still from one that is not there; for a judge these are
//! three different things.

mod answer;
mod arm;
mod blocks;
mod client;
mod counter;
mod failure;
mod health;
mod latency;
mod native;
mod past;
mod questions;
mod signal;

pub use answer::Series;
pub use client::Prometheus;
pub use health::Health;
pub use native::NativeHistogram;
pub use past::{Past, Processes, Stretch};
pub(crate) use signal::PrometheusSignal;
