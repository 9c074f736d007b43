//! Two arms of one service are running: who says, honestly, whether the new one does harm?
//!
//! Counts of both arms go in, one [`Block`] every few seconds; an [`Outcome`] and a [`Verdict`] that explains
//! itself come out. One may look after every block: the error bounds hold for all looks together, over the whole
//! rollout and over all metrics ([`Judge`]).
//!
//! # Units
//! Times are milliseconds since the Unix epoch, durations milliseconds, proportions fractions (`0.001` is 0.1
//! points), latencies microseconds, evidence a wealth (1 is where it starts; 100 is proof at 1 %).
//!
//! # The method in five lines
//! Each metric is a bet against "the canary is no worse than stable by more than the margin" ([`e1`]). The bet is
//! fair for any baseline, known or not, even one that moves from block to block, because both arms are measured at
//! the same time. Capital is released over the rollout, so that a fault which begins late is found as well. Harm is
//! proved when the weighted average of the capitals reaches `1/alpha_harm`; a phase is passed when, for every
//! required metric, the opposite bet ("worse by at least the margin") has reached `1/alpha_pass`.
//!
//! # What is promised, and what is not
//! * At most `alpha_harm` of the releases that are no worse than the margins are ever called harmful, and at most
//!   `alpha_pass` of those exactly at a margin pass at a given moment. For independent errors that is a theorem ([`e1`]).
//! * Errors in clusters (retries, one user failing again and again, a pod that stumbles) are gathered into incidents of 20
//!   seconds, of which none can win more than chance may deal it. That keeps the bound for clusters of every size that last no
//!   longer, without an estimate of how errors cluster; those of a user who fails for minutes as well, if the source
//!   remembers users. The price is speed, and the verdict says when it is paid ([`ErrorArrivals`]).
//! * A pass, and the bounds that are shown, rest on a dispersion factor that is measured within stable ([`Dispersion`]).
//! * Slow requests come in clusters wherever a process stalls. Latency has no counts per group of users, so its dispersion is
//!   read between successive blocks of stable, and between the arms where they differ, and no single block may win more than
//!   a bounded amount: proof of slowness takes about seven blocks at least.
//! * Throughput is judged where requests begun are counted, or where chance deals requests one by one. Means are judged by an
//!   asymptotic bound, and their verdict says so; series by one that holds for noise that is as likely above as below.
//!   Each verdict lists what was not judged, and why.
//! * Both arms must have the same mix of requests. A canary that only employees use is confounded, and no test
//!   can tell.
//!
//! A [`Judge`] is written and read through serde without losing a bit, in text as well; what cannot be a judge is an error.
//! What another version wrote is refused as soon as one of them judges differently: let it absorb the blocks anew.
//!
//! Everything is pure: no clock, no chance, no input and output, no standard library. The same blocks give
//! bit-equal verdicts.
#![no_std]

extern crate alloc;

mod absorbed;
#[cfg(test)]
mod agreement;
mod availability;
mod between;
mod capital;
mod counts;
mod courses;
pub mod e1;
mod errors;
mod exact;
mod finding;
mod forecast;
mod grid;
mod hiccups;
mod incident;
mod interval;
mod judge;
mod means;
mod pass;
pub mod plan;
mod recent;
mod rules;
mod series;
mod settings;
pub mod sketch;
mod slowness;
mod spread;
mod stakes;
mod streak;
mod throughput;
mod verdict;
mod wealth;
mod words;

pub use absorbed::{Absorbed, Reason};
pub use availability::{Availability, Reachability};
pub use counts::{Arm, Block, Bucket, Impossible, Mean, Side, Split, USER_BUCKETS};
pub use finding::{Count, Difference, Finding, LatencyLevels, Metric, PassEvidence, Shares, Values};
pub use judge::Judge;
pub use rules::{Allowed, Direction, MeanRule, SeriesRule};
pub use settings::{ErrorStreak, INCIDENTS_TO_LEARN, LatencyStreak, Margins, Quantile, Settings, Unsound};
pub use sketch::Histogram;
pub use verdict::{
    Cause, Dispersion, DispersionSource, ErrorArrivals, NotJudged, Outcome, StreakReading, Subject, Verdict,
};
