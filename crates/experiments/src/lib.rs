//! Which variant does what to users, answered so that one may look at any time.
//!
//! A flag of kind `experiment` gives each user one of its variants by chance. Who saw which variant ([`Run::expose`]) and what
//! they did then ([`Run::metric`]) is counted here, and compared ([`Results::of`]). Users are numbers that the caller made from
//! their names with a secret; they live in memory only. What is kept, [`Counts`], has no user in it.
//!
//! # What is promised
//! * A conversion that differs is called so wrongly in at most 5 % of experiments, over all looks together and over all variants,
//!   whatever the time of day does and however late people convert: it rests on nothing but the chance of the split
//!   ([`mod@conversion`]). The bounds of the difference hold in the same way where a conversion follows soon on its exposure.
//! * Means are compared by an asymptotic bound, from 1,000 users in each variant on ([`mod@mean`]).
//! * Counts that do not fit the split are called so wrongly in at most 1 % of experiments, over all looks ([`mod@ratio`]).
//! * Each metric is judged for itself. Who looks at twenty finds one that differs by chance: name the one that decides first.
//! * The caller forgets its users when it is restarted, and then the same user may be counted again. Evidence is divided by the
//!   number of such stretches, since one user may have made it that many times ([`Counts::stretches`]).
//!
//! Everything is pure: no clock, no chance, no input and output.

pub mod conversion;
mod counts;
mod design;
mod interval;
pub mod mean;
pub mod ratio;
mod results;
mod run;
mod words;

pub use counts::{Counts, MOST_METRICS, Metric, Moments, Sums, Tally};
pub use design::{Design, NotCounted};
pub use interval::{Interval, WRONG};
pub use results::{Comparison, Decided, MetricResult, Results, UnknownVariant};
pub use run::{Noted, Places, Refused, Run};
