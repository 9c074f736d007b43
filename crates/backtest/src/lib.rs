//! What would this policy have said? Measurements of the past go through the judge of a plan, phase by phase.
//!
//! Two questions are answered. *How often would it have blamed a release that was as good as the old one?* A random part of
//! what one version did is called canary, the rest stable, over and over ([`Healthy`]): every alarm is a false one. *How
//! soon would it have found what went wrong?* What was measured in an [`Incident`] is the canary.
//!
//! Everything is pure: no file, no network, no clock; chance comes from a seed. Whoever calls reads the source, counts the
//! runs and may stop between any two of them.
//!
//! # What it cannot show
//! A recording shows what happened, and no more. Windows of it overlap, so that many runs over one quiet day prove little
//! about a bad one. Totals that are split request by request are independent of each other by construction: clusters of errors
//! are gone, and with them the reason for most false alarms ([`Units::Total`]).

mod chance;
mod csv;
mod healthy;
mod incident;
mod problem;
mod proportion;
mod recording;
mod replay;
mod split;
mod summary;
mod svg;
mod walk;

pub use csv::{Counted, read_csv};
pub use healthy::{Healthy, length, to_compare};
pub use incident::{Incident, read_incidents};
pub use problem::Problem;
pub use proportion::{Proportion, proportion};
pub use recording::{Interval, Recording, Units};
pub use replay::{Against, Replay, replay};
pub use split::{ShareDrawn, shares};
pub use summary::Summary;
pub use svg::svg;
pub use walk::{Alarm, End, Run};
