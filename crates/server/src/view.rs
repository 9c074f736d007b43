//! From what control knows to what crosses the wire. Nothing is added and nothing is guessed.

mod arms;
mod plan;
mod release;
mod rollback;
mod verdict;

pub(crate) use plan::before_rollback;
pub(crate) use release::{release, stage, summary};
pub(crate) use rollback::why_word;

use crate::dto;
use engine::Share;

/// A share in percent. Parts per million have at most four decimals, so the division is exact to what is printed.
pub(crate) fn percent(share: Share) -> f64 {
    f64::from(share.ppm()) / 10_000.0
}

/// Part of a whole in percent.
pub(crate) fn percent_of(part: u64, whole: u64) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "shown to people; counts are far below 2^53")]
    let ratio = part as f64 / whole as f64;
    (whole > 0).then_some(ratio * 100.0)
}

/// What an exit code says about a release: see `dto::Release::exit_code_hint`.
pub(crate) fn exit_code(stage: dto::Stage) -> u8 {
    use dto::Stage;
    match stage {
        Stage::Completed => 0,
        Stage::RolledBack => 3,
        Stage::Aborted | Stage::Superseded => 6,
        Stage::Opened
        | Stage::Deploying
        | Stage::Ramping
        | Stage::Held
        | Stage::Paused
        | Stage::Watching
        | Stage::Promoting
        | Stage::RollingBack => 4,
    }
}
