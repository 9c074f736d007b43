//! The risk ratios that are bet on: a fixed grid per test, so that whatever the true effect is, one bet is near it.

use core::f64::consts::{LN_2, LN_10};

use crate::exact::state;

/// A candidate ratio of the two error probabilities, with its logarithm.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct RiskRatio {
    /// Above 1 for harm, below 1 for a pass.
    pub(crate) value: f64,
    pub(crate) ln: f64,
}

state!(RiskRatio { value, ln });

impl RiskRatio {
    pub(crate) fn new(value: f64) -> RiskRatio {
        RiskRatio { value, ln: libm::log(value) }
    }
}

/// Harm by errors, at the margin of the release.
pub(crate) const HARM_ERRORS: [RiskRatio; 9] = [
    RiskRatio { value: 1.15, ln: 0.13976194237515863 },
    RiskRatio { value: 1.3, ln: 0.26236426446749106 },
    RiskRatio { value: 1.6, ln: 0.47000362924573563 },
    RiskRatio { value: 2.0, ln: LN_2 },
    RiskRatio { value: 3.0, ln: 1.0986122886681098 },
    RiskRatio { value: 5.0, ln: 1.6094379124341003 },
    RiskRatio { value: 10.0, ln: LN_10 },
    RiskRatio { value: 25.0, ln: 3.2188758248682006 },
    RiskRatio { value: 60.0, ln: 4.0943445622221 },
];

/// Slight ratios, for harm by errors at the margin of the release. Where errors are gathered into incidents, which win a
/// bounded amount each, steeper bets lose more by stable's usual errors than an incident can win back.
pub(crate) const SLIGHT_ERRORS: [RiskRatio; 3] = [
    RiskRatio { value: 1.003, ln: 0.002995508979798371 },
    RiskRatio { value: 1.012, ln: 0.011928570865273812 },
    RiskRatio { value: 1.05, ln: 0.04879016416943205 },
];

/// Harm by errors, at the coarse margin; the first four for the same reason.
pub(crate) const GROSS_ERRORS: [RiskRatio; 9] = [
    RiskRatio { value: 1.01, ln: 0.009950330853168092 },
    RiskRatio { value: 1.1, ln: 0.09531017980432493 },
    RiskRatio { value: 1.4, ln: 0.3364722366212129 },
    RiskRatio { value: 2.0, ln: LN_2 },
    RiskRatio { value: 5.0, ln: 1.6094379124341003 },
    RiskRatio { value: 10.0, ln: LN_10 },
    RiskRatio { value: 20.0, ln: 2.995732273553991 },
    RiskRatio { value: 50.0, ln: 3.912023005428146 },
    RiskRatio { value: 100.0, ln: 4.605170185988092 },
];

/// Harm by slow requests.
pub(crate) const HARM_LATENCY: [RiskRatio; 7] = [
    RiskRatio { value: 1.1, ln: 0.09531017980432493 },
    RiskRatio { value: 1.2, ln: 0.1823215567939546 },
    RiskRatio { value: 1.4, ln: 0.3364722366212129 },
    RiskRatio { value: 1.8, ln: 0.5877866649021191 },
    RiskRatio { value: 2.5, ln: 0.9162907318741551 },
    RiskRatio { value: 5.0, ln: 1.6094379124341003 },
    RiskRatio { value: 15.0, ln: 2.70805020110221 },
];

/// Harm by lost requests.
pub(crate) const HARM_LOST: [RiskRatio; 4] = [
    RiskRatio { value: 1.3, ln: 0.26236426446749106 },
    RiskRatio { value: 2.0, ln: LN_2 },
    RiskRatio { value: 4.0, ln: 2.0 * LN_2 },
    RiskRatio { value: 15.0, ln: 2.70805020110221 },
];

/// Passing on lost requests.
pub(crate) const PASS_LOST: [RiskRatio; 2] =
    [RiskRatio { value: 0.2, ln: -1.6094379124341003 }, RiskRatio { value: 0.6, ln: -0.5108256237659907 }];

/// Passing on errors, besides the adaptive ratio.
pub(crate) const PASS_ERRORS: [RiskRatio; 6] = [
    RiskRatio { value: 0.2, ln: -1.6094379124341003 },
    RiskRatio { value: 0.35, ln: -1.0498221244986778 },
    RiskRatio { value: 0.5, ln: -LN_2 },
    RiskRatio { value: 0.65, ln: -0.4307829160924542 },
    RiskRatio { value: 0.8, ln: -0.2231435513142097 },
    RiskRatio { value: 0.9, ln: -0.10536051565782628 },
];

/// Passing on slow requests, besides the adaptive ratio.
pub(crate) const PASS_LATENCY: [RiskRatio; 4] = [
    RiskRatio { value: 0.5, ln: -LN_2 },
    RiskRatio { value: 0.65, ln: -0.4307829160924542 },
    RiskRatio { value: 0.8, ln: -0.2231435513142097 },
    RiskRatio { value: 0.9, ln: -0.10536051565782628 },
];

/// The guard of a streak of errors: 1.6 to 10.
pub(crate) const ERROR_GUARD: [RiskRatio; 5] = guard_part(&HARM_ERRORS);
/// The guard of a streak of slow windows: 1.4 to 15.
pub(crate) const LATENCY_GUARD: [RiskRatio; 5] = guard_part(&HARM_LATENCY);

/// The part of a harm grid (or of its tilts) that a guard bets on: without the finest ratios, as a streak is gross.
pub(crate) const fn guard_part<T: Copy, const K: usize>(all: &[T; K]) -> [T; 5] {
    [all[2], all[3], all[4], all[5], all[6]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_belong_to_their_ratios() {
        let all = HARM_ERRORS
            .iter()
            .chain(&SLIGHT_ERRORS)
            .chain(&GROSS_ERRORS)
            .chain(&HARM_LATENCY)
            .chain(&PASS_ERRORS)
            .chain(&PASS_LATENCY);
        let all = all.chain(&HARM_LOST).chain(&PASS_LOST);
        for ratio in all {
            assert!((ratio.ln - libm::log(ratio.value)).abs() < 1e-15, "{ratio:?}");
        }
    }
}
