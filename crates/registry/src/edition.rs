//! What a channel is served.

use flags::{Bucketing, FlagSet};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The largest document that clients of flagd's sync receive with their usual limits, with room for the frame around it.
pub(crate) const LARGEST: usize = (4 << 20) - 1024;

/// The channels that flags can be on in, each with the bucketing that its clients agree on.
pub type Channels = BTreeMap<String, Bucketing>;

/// All flags of a channel, compiled.
#[derive(Debug)]
pub struct Edition {
    /// The channel.
    pub channel: String,
    /// Grows with every change of any flag: the position of the newest entry of the journal that is in it.
    pub revision: u64,
    /// How users are put into groups.
    pub bucketing: Bucketing,
    /// For evaluation here.
    pub set: Arc<FlagSet>,
    /// Whether some rule asks for the time, so that an answer holds for a moment only.
    pub asks_time: bool,
    /// For evaluation elsewhere: the strict form of flagd's JSON.
    pub document: Arc<str>,
}
