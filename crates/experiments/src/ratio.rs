//! Whether as many users came to each variant as the split promises. If not, something loses users of one variant, or tells of
//! them more often than of others, and no comparison is to be trusted: the sample-ratio check.
//!
//! The test is a multinomial one that may be looked at after every user: the likelihood of the counts under weights drawn from a
//! Dirichlet distribution about the promised ones, against that under the promised ones (Lindon, Malek, "Anytime-valid inference
//! for multinomial count data", NeurIPS 2022, arXiv 2011.03567). It is 1 at the beginning, a martingale while the split
//! keeps its promise, and so ever reaches `1/level` with a probability of at most `level`. Three widths share the capital:
//! a variant that loses a third of its users is found within hundreds of users, one that loses a hundredth within a million.

/// A split that keeps its promise is ever called broken with at most this probability.
pub const LEVEL: f64 = 0.01;

/// How many users the weights that are bet on are worth.
const WIDTHS: [f64; 3] = [100.0, 1_000.0, 10_000.0];

/// What was promised and what came, per variant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Came {
    /// The weight; the unit does not matter.
    pub weight: f64,
    /// Users.
    pub users: u64,
}

/// The logarithm of the evidence against the promise. A user may have been counted `stretches` times.
#[must_use]
pub fn log_evidence(came: &[Came], stretches: u32) -> f64 {
    let whole: f64 = came.iter().map(|one| one.weight).sum();
    if came.len() < 2 || !came.iter().all(|one| one.weight > 0.0) {
        return 0.0;
    }
    let logs = WIDTHS.map(|width| log_ratio(came, whole, width));
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logs.iter().map(|log| libm::exp(log - most)).sum();
    (most + libm::log(sum / WIDTHS.len() as f64)) / f64::from(stretches.max(1))
}

/// Whether the promise is broken.
#[must_use]
pub fn is_broken(came: &[Came], stretches: u32) -> bool {
    log_evidence(came, stretches) >= -libm::log(LEVEL)
}

fn log_ratio(came: &[Came], whole: f64, width: f64) -> f64 {
    let users: f64 = came.iter().map(|one| one.users as f64).sum();
    let each = came.iter().map(|one| {
        let (weight, n) = (one.weight / whole, one.users as f64);
        libm::lgamma(width * weight + n) - libm::lgamma(width * weight) - n * libm::log(weight)
    });
    each.sum::<f64>() + libm::lgamma(width) - libm::lgamma(width + users)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came<const K: usize>(all: [(f64, u64); K]) -> [Came; K] {
        all.map(|(weight, users)| Came { weight, users })
    }

    #[test]
    fn nobody_is_no_evidence_and_one_variant_cannot_be_out_of_proportion() {
        assert!(log_evidence(&came([(1.0, 0), (1.0, 0)]), 1).abs() < 1e-9);
        assert_eq!(log_evidence(&came([(1.0, 50)]), 1), 0.0);
        assert_eq!(log_evidence(&[], 1), 0.0);
    }

    /// What makes it a martingale: averaged over the next user, the evidence stays what it is.
    #[test]
    fn the_next_user_is_expected_to_change_nothing() {
        for users in [[0_u64, 0, 0], [3, 1, 9], [400, 210, 180], [90_000, 60_000, 31_000]] {
            let weights = [0.5, 0.3, 0.2];
            let now: Vec<Came> = (0..3).map(|i| Came { weight: weights[i], users: users[i] }).collect();
            let next: f64 = (0..3)
                .map(|at| {
                    let mut then = now.clone();
                    then[at].users += 1;
                    weights[at] * (log_evidence(&then, 1) - log_evidence(&now, 1)).exp()
                })
                .sum();
            assert!((next - 1.0).abs() < 1e-6, "{users:?}: {next}");
        }
    }

    #[test]
    fn lost_users_are_found_and_chance_is_not() {
        assert!(!is_broken(&came([(50_000.0, 5_060), (50_000.0, 4_940)]), 1));
        assert!(is_broken(&came([(50_000.0, 600), (50_000.0, 400)]), 1));
        assert!(is_broken(&came([(50_000.0, 500_000), (50_000.0, 490_000)]), 1));
        assert!(is_broken(&came([(90_000.0, 90_000), (10_000.0, 8_500)]), 1));
    }
}
