//! Kayenta's judge (`NetflixACAJudge`), rebuilt from what it does: each metric is a series of points for the canary and one
//! for a control of the same size, compared by a Mann-Whitney test with confidence bounds; a weighted sum of what
//! passed is the score. `kayenta-cases` holds it against the cases that Kayenta publishes.

mod analysis;
pub mod cases;
mod classifier;
mod rank;
mod root;
mod score;

pub use analysis::{Analysis, When};
pub use classifier::{Classification, Classifier, Direction, Effect, Label, common_language, mean_ratio};
pub use rank::{Ranked, Shift, normal_quantile};
pub use score::{Group, score};
