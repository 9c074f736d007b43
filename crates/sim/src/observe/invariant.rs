//! The invariants, each in a sentence that people read when it is broken. ARCHITECTURE.md says them for the whole.

/// See the observer.
pub const RISES_BY_EVIDENCE: &str = "the share never rises unless the journal says that the phase before it passed";
/// See the observer.
pub const ONLY_FALLS: &str = "after a rollback began the share only falls";
/// See the observer.
pub const USERS_FIRST: &str = "a version is taken away only when nobody is on it";
/// See the observer.
pub const PASSES_BY_EVIDENCE: &str =
    "a phase passes only on fresh evidence, by the plan's own rule, or by a person's word";
/// See the observer.
pub const SOAK_IS_MEASURED: &str = "the soak is time that was measured once, fresh, at the phase's own share";
/// See the observer.
pub const ENDS_OR_SHOUTS: &str = "every rollback ends at 0 % or shouts";
/// See the observer.
pub const NOTHING_DELAYS: &str = "users are back within a moment of the decision, whatever else is broken";
/// See the observer.
pub const ONLY_THE_SICK: &str = "lost sources, lost data, restarts and clock jumps never blame a canary";
/// See the observer.
pub const ONE_DRIVES: &str = "two replicas never both drive: a fenced leader's writes and orders are refused";
/// See the observer.
pub const REPLAY_IS_LIVE: &str = "replaying the journal gives the state that was live";
/// See the observer.
pub const HEARD_IS_WRITTEN: &str = "a command that was acknowledged is in the journal";
/// See the observer.
pub const COMES_TO_REST: &str =
    "when nothing is wrong any more, every release ends, waits for a person or has called for one";
/// See the observer.
pub const WORLD_AGREES: &str =
    "when every release is over, users have the version that the journal names and no other runs";
/// See the observer.
pub const READABLE: &str = "what is written can be read";
/// See the observer.
pub const VERIFIES: &str = "the journal verifies, and gives back what was sealed";
/// See the observer.
pub const SAME_WORLD: &str = "the same seed makes the same world";
/// See the observer.
pub const ITS_POLICY: &str = "a release follows the policy that it was opened under";
/// See the observer.
pub const ONE_AT_A_TIME: &str = "one release at a time is brought up for a service";

/// See the observer.
pub const NOBODY_UNWATCHED: &str = "nobody stays on a canary that control is silent about for too long; the journal tells it, and only a person lets users back";

/// All of them.
#[must_use]
pub fn invariants() -> [&'static str; 19] {
    [
        RISES_BY_EVIDENCE,
        ONLY_FALLS,
        USERS_FIRST,
        PASSES_BY_EVIDENCE,
        SOAK_IS_MEASURED,
        ENDS_OR_SHOUTS,
        NOTHING_DELAYS,
        ONLY_THE_SICK,
        ONE_DRIVES,
        REPLAY_IS_LIVE,
        HEARD_IS_WRITTEN,
        COMES_TO_REST,
        WORLD_AGREES,
        READABLE,
        VERIFIES,
        SAME_WORLD,
        ITS_POLICY,
        ONE_AT_A_TIME,
        NOBODY_UNWATCHED,
    ]
}
