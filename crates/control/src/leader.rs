//! Who drives. A lease with a rising fencing token: whoever lost it may still think that it leads, and its writes are
//! refused all the same.

/// How long a lease lasts without being renewed.
pub const LEASE_MS: i64 = 10_000;

/// How often it is renewed.
pub const RENEW_MS: u64 = 3_000;
