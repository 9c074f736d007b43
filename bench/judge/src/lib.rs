//! How good is the judge, next to the rules that others use? Nobody believes a figure that cannot be made again, so
//! everything here is drawn from a seed: the same scenario and seed give the same rollout, bit for bit.
//!
//! # Rollouts to measure with
//! ```
//! use bench_judge::{Rollout, Timetable, scenario};
//! use judge::{Judge, Settings};
//!
//! let healthy = scenario("aa_r10").expect("it is one of `scenarios()`");
//! let settings = Settings::default();
//! let margins = settings.harm_margins.clone();
//! let mut judge = Judge::new(settings).expect("the default settings are sound");
//! for interval in Rollout::new(&healthy, 7, &Timetable::standard()).take(400) {
//!     if interval.begins_phase {
//!         judge.enter_phase(interval.block.from_ms, &margins);
//!     }
//!     let _ = judge.absorb(&interval.block);
//! }
//! assert_ne!(judge.outcome(), judge::Outcome::Harm);
//! ```
//! [`scenarios`] lists what there is; a scenario of one's own is `Scenario { rate: 50.0, ..Scenario::healthy("mine") }`.
//! [`Timetable::in_blocks_of`] gives blocks of 5 seconds instead of 10.
//!
//! # What a rollout is made of
//! One service, two arms, an hour of stable alone before the first phase. Requests, errors, users and durations are
//! drawn; nothing of the judge's model is used to draw them, and the errors of a healthy release may come in
//! clusters that the judge is not told about ([`Clusters`]).

mod bound;
pub mod chance;
mod clusters;
pub mod kayenta;
mod latency;
mod minutes;
mod noise;
mod ours;
mod population;
mod rollout;
mod rules;
mod run;
mod scenario;
mod tally;
mod timetable;
pub mod traces;
mod weather;

pub use bound::upper_bound;
pub use clusters::{Clusters, MEAN_CLUSTER, PODS};
pub use minutes::{Minute, Minutes, Tally};
pub use ours::Ours;
pub use rollout::{Interval, Rollout, Started};
pub use rules::{Bounds, Flagger, Rule, Thresholds, USUAL_P99_US, WARM_UP};
pub use run::{End, Method, Run};
pub use scenario::{Effect, Scenario, scenario, scenarios};
pub use tally::{Found, Row, Table};
pub use timetable::{PhaseTime, START_MS, Timetable};
