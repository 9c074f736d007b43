//! Histograms that others counted, with edges that are not ours: Prometheus classic and native, OTel exponential.
//!
//! Two things must hold. No arm may look slower or faster because of how it is read: a conversion depends on the foreign edges
//! alone, and the same requests give the same counts however they are cut into blocks and whichever arm they are of
//! ([`Edges::increments`]). And nobody may believe a margin that the edges cannot show: [`Edges::compare`] says which two edges
//! stand for a level and a margin, and what margin they really are.
//!
//! What was counted is only known to lie between two edges. Within them requests are spread evenly on a logarithmic scale,
//! which is an assumption: a verdict on a margin finer than the edges is approximate.

mod edges;
mod exponential;
#[cfg(test)]
mod fairness;
mod place;
mod refused;

pub use edges::{Comparison, Edges, Limit, MOST_EDGES};
pub use exponential::{Exponential, MOST_BUCKETS};
pub use refused::{Refused, whole};
