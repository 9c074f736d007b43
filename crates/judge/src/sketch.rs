//! The layout of latency histograms, shared by the one who counts and the one who judges.
//!
//! Buckets grow by `gamma = 1.1^(1/5)`: a margin of 10 % is exactly five buckets, so that the judge compares
//! "slower than tau" with "slower than 1.1 tau" without interpolating. A value is known to 0.95 %.

pub mod foreign;
mod histogram;
mod layout;
mod row;

pub use histogram::{Histogram, Malformed};
pub use layout::{BUCKETS, GAMMA, bucket_of, upper_edge_us};
pub(crate) use layout::{buckets_at_least, buckets_at_most, first_edge_from};
pub(crate) use row::Row;
