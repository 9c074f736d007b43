//! Bugs that are put into a world on purpose, one for each invariant. A check that never failed proves nothing: these show
//! that the observers bite, after how many seeds, and how small the world is that shows it. They live in the simulator's
//! own ports and in its way to the journal, so that nothing of them can ever be part of the product.

mod lever;
mod paper;

pub(crate) use paper::Deed;

use crate::observe;

/// A bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// The lever brings twice the share that was asked for.
    LeverOvershoots,
    /// After users were taken back the lever carries out an older order once more.
    LeverRemembers,
    /// The lever says that users are back, and they are not.
    UsersLeftBehind,
    /// A phase is written as passed by the judge when its share was confirmed.
    PassedUnseen,
    /// Every interval of a signal begins with the one before it.
    SoakCountedTwice,
    /// Whatever follows the beginning of a rollback is never written.
    RollbackForgotten,
    /// Users are taken back only while the journal can be written.
    WaitsForDisk,
    /// A probe that could not be made counts as a canary that is ill.
    SilenceIsIllness,
    /// Neither journal nor gate looks at the fence.
    FencesForgotten,
    /// A confirmed share is written with another moment than the one that was lived.
    StampMoved,
    /// A person's pause is acknowledged and not written.
    WordForgotten,
    /// A promotion never ends.
    PromotionHangs,
    /// A version is said to be withdrawn and goes on.
    WithdrawalForgotten,
    /// What is written of a phase cannot be read.
    Illegible,
    /// A letter of an entry is another one than the one that was sealed.
    LetterChanged,
    /// How long a port takes depends on what this process did before.
    Memory,
    /// A release is opened under the first policy, whatever it was edited to.
    OldPolicy,
    /// A release that waits for another one is let go at once.
    QueueJumped,
    /// The lever forgets that it took users back by itself.
    SwitchForgotten,
}

/// Nothing waits for so long.
pub(crate) const NEVER_MS: u64 = 1 << 40;

impl Planted {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::LeverOvershoots,
        Self::LeverRemembers,
        Self::UsersLeftBehind,
        Self::PassedUnseen,
        Self::SoakCountedTwice,
        Self::RollbackForgotten,
        Self::WaitsForDisk,
        Self::SilenceIsIllness,
        Self::FencesForgotten,
        Self::StampMoved,
        Self::WordForgotten,
        Self::PromotionHangs,
        Self::WithdrawalForgotten,
        Self::Illegible,
        Self::LetterChanged,
        Self::Memory,
        Self::OldPolicy,
        Self::QueueJumped,
        Self::SwitchForgotten,
    ];

    /// The invariant that it breaks.
    #[must_use]
    pub fn breaks(self) -> &'static str {
        match self {
            Self::LeverOvershoots => observe::RISES_BY_EVIDENCE,
            Self::LeverRemembers => observe::ONLY_FALLS,
            Self::UsersLeftBehind => observe::USERS_FIRST,
            Self::PassedUnseen => observe::PASSES_BY_EVIDENCE,
            Self::SoakCountedTwice => observe::SOAK_IS_MEASURED,
            Self::RollbackForgotten => observe::ENDS_OR_SHOUTS,
            Self::WaitsForDisk => observe::NOTHING_DELAYS,
            Self::SilenceIsIllness => observe::ONLY_THE_SICK,
            Self::FencesForgotten => observe::ONE_DRIVES,
            Self::StampMoved => observe::REPLAY_IS_LIVE,
            Self::WordForgotten => observe::HEARD_IS_WRITTEN,
            Self::PromotionHangs => observe::COMES_TO_REST,
            Self::WithdrawalForgotten => observe::WORLD_AGREES,
            Self::Illegible => observe::READABLE,
            Self::LetterChanged => observe::VERIFIES,
            Self::Memory => observe::SAME_WORLD,
            Self::OldPolicy => observe::ITS_POLICY,
            Self::QueueJumped => observe::ONE_AT_A_TIME,
            Self::SwitchForgotten => observe::NOBODY_UNWATCHED,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_invariant_has_a_bug_that_breaks_it() {
        let broken: BTreeSet<&str> = Planted::ALL.into_iter().map(Planted::breaks).collect();
        assert_eq!(broken, observe::invariants().into_iter().collect());
    }
}
