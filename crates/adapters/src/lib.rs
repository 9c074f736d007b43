//! The outside world behind control's ports, one module each.
//!
//! Nothing is decided here. Each adapter translates one order of control into what some part of the world understands, says
//! honestly what that part answered, and gives every failure a code, a reason and a next step. Every call ends within a
//! deadline of its own, may be repeated, and leaves nothing behind when its future is dropped.

mod clock;
mod command;
mod connect;
mod environment;
mod exchange;
mod failure;
mod flag;
mod gate;
mod gate_process;
mod hooks;
mod http;
mod prometheus;
mod unmeasured;

pub use clock::SystemClock;
pub use connect::Adapters;
pub use flag::{FlagOrder, Flags};
pub use gate::GateAddress;
pub use gate_process::GateProcess;
pub use prometheus::{Health, NativeHistogram, Past, Processes, Prometheus, Series, Stretch};
