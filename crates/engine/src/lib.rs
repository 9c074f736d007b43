//! The life of a release as a pure state machine.
//!
//! Everything that decides about a release is here, and nothing that acts. [`step`] takes the state, the
//! time, who speaks and one [`Input`], and answers with the [`Fact`]s that now are true. [`State::absorb`] is
//! the only place where a state changes, live and in recovery alike: a release that was folded back from its
//! journal is the release that ran. What the world should look like is read off the state by [`desired`];
//! making it so is the driver's work.
//!
//! There is no clock, no id generation, no storage and no order of hash maps in this crate (`no_std`).

#![no_std]
extern crate alloc;

mod desired;
mod explain;
mod fact;
mod input;
mod measurement;
mod plan;
mod refusal;
mod rollback;
mod share;
mod state;
mod step;
mod time;

pub use desired::{Desired, Presence, desired};
pub use explain::Headline;
pub use fact::{Fact, Opened, PassedBy, Record};
pub use input::{Command, Input, Stamp};
pub use measurement::{Exit, Gap, Measurement, Probe};
pub use plan::{
    Budget, ErrorStreak, JudgePlan, LatencyStreak, Margins, OnUndecided, Phase, Plan, PlanError, Triggers, Unavailable,
};
pub use refusal::Refusal;
pub use rollback::{Blame, Cause, Ending, Rollback, RollbackStep};
pub use share::{Share, ShareError};
pub use state::{Hold, Ramp, Stage, State, TakenBack, Watch};
pub use step::{at_rest, step};
pub use time::{Millis, Timestamp};
