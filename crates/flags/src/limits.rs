//! How large a definition may be. Definitions come from people and from files of others; what reads them walks them by calling
//! itself, so their depth is bounded before anything else is asked of them.

/// How deep arrays and objects may lie in each other in one rule or one value. Readers of JSON give up at 128; a document around
/// a rule takes a few of them.
pub const DEPTH: usize = 100;
/// How many values one rule may consist of, with everything that it rests on written out.
pub const VALUES: usize = 100_000;
/// How many variants a flag may have.
pub const VARIANTS: usize = 1_000;
/// The largest sum of weights in `fractional`.
pub const WEIGHTS: i64 = 2_147_483_647;
/// The largest whole number that every client reads as it was written.
pub const WHOLE_NUMBER: i64 = 9_007_199_254_740_991;
/// How much a sync message may hold: what a gRPC client takes by default.
pub const DOCUMENT_BYTES: usize = 4 * 1024 * 1024;
