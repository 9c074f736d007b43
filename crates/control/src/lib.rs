//! The shell around the engine: it hears people and the world, steps, writes down, acts, and recovers.
//!
//! Nothing is decided here. A [`Control`] holds the leader's lease and one driver for each release in flight; a driver
//! steps its [`engine::State`], stores the facts, compares what should be with what was confirmed, and acts through
//! [`ports`] until both agree. The rule that keeps people safe when the journal cannot be written is in
//! `driver`: what is not written may only lower the share of users on a new version.

mod audit;
mod board;
mod control;
mod driver;
mod error;
mod leader;
mod live;
mod newcomers;
mod open;
pub mod ports;
mod record;
mod recover;
mod release_id;
mod roster;
mod run;
mod unreadable;

pub use audit::verify;
pub use board::{LiveVersion, ServiceKey};
pub use control::{Control, Leadership, OpenRelease};
pub use driver::Message;
pub use error::ControlError;
pub use leader::{LEASE_MS, RENEW_MS};
pub use live::{Live, Trouble};
pub use record::{Undecodable, decode_measurement, decode_record};
pub use release_id::ReleaseId;
pub use run::Run;
