//! Who gets what.
//!
//! A user must see the same side of a split wherever the split is decided: in the gate's data plane, in a flag evaluated by the
//! server, in a client library. So the one function that turns a user into a place on the line lives here, alone, without a clock,
//! a socket or an allocator, and every implementation in another language is held to the cases in `vectors/bucketing.json`.
//!
//! Flags live here too: what they are ([`model`]), what may be done to them ([`change`]), and who gets which variant
//! ([`FlagSet`]). A definition has one way to an answer: it is written as flagd's JSON ([`flagd`]), and that is read into the
//! tree that is walked, so that what clients are sent is what the server itself goes by. Time is an input of every function that
//! needs it.
#![no_std]
extern crate alloc;
#[cfg(feature = "schema")]
#[macro_use]
extern crate std;

pub mod access;
pub mod bucket;
mod cbor;
pub mod change;
pub mod check;
mod coerce;
mod compile;
pub mod context;
mod datum;
pub mod differs;
mod evaluate;
pub mod explain;
pub mod flagd;
pub mod fractional;
pub mod json;
pub mod limits;
mod logic;
pub mod model;
mod murmur3;
pub mod problem;
mod program;
mod sem_ver;
pub mod set;
mod table;

pub use check::check;
pub use context::{Context, Value};
pub use differs::{Difference, differs};
pub use explain::Explanation;
pub use fractional::Bucketing;
pub use json::Json;
pub use model::{
    ChannelState, Comparison, Condition, Decision, Flag, Kind, Prerequisite, Rule, Segment, Serve, Shelf, Split,
    ValueType, Variant, Weight,
};
pub use problem::Problem;
pub use set::{EvaluationError, FlagSet, Outcome, Reason};
