//! The rules of the field, rebuilt from their documents: what each would have done with the same rollout. All leave out the
//! first minutes of a phase, as ours does for all but gross failures.

mod flagger;
mod thresholds;

use crate::kayenta::{Analysis, When};
use crate::minutes::Minute;

pub use flagger::Flagger;
pub use thresholds::{Bounds, Thresholds};

/// Minutes of a phase that no rule looks at.
pub const WARM_UP: u32 = 3;

/// The p99 of the service in normal times, as its team would know it.
pub const USUAL_P99_US: f64 = 512_000.0;

/// A rule of the field with its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Argo Rollouts: the canary alone, against fixed bounds.
    ArgoAbsolute,
    /// Argo Rollouts: the canary against stable, by the margins of the process.
    ArgoRelative,
    /// The same over five minutes at a time.
    ArgoRelative5,
    /// The same, but the failures must follow one another.
    ArgoConsecutive,
    /// Flagger as its documents show it: 99 % and 500 ms.
    Flagger,
    /// Flagger with a bound on latency that suits this service.
    FlaggerFitted,
    /// Kayenta, asked every ten minutes.
    KayentaRealTime,
    /// Kayenta, asked at the end of each phase, with an allowed increase of a tenth.
    KayentaPhaseEnd,
}

impl Rule {
    /// All of them.
    pub const ALL: [Rule; 8] = [
        Rule::ArgoAbsolute,
        Rule::ArgoRelative,
        Rule::ArgoRelative5,
        Rule::ArgoConsecutive,
        Rule::Flagger,
        Rule::FlaggerFitted,
        Rule::KayentaRealTime,
        Rule::KayentaPhaseEnd,
    ];

    /// As the results name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Rule::ArgoAbsolute => "argo_absolute",
            Rule::ArgoRelative => "argo_relative",
            Rule::ArgoRelative5 => "argo_relative_5min",
            Rule::ArgoConsecutive => "argo_consecutive",
            Rule::Flagger => "flagger",
            Rule::FlaggerFitted => "flagger_fitted",
            Rule::KayentaRealTime => "kayenta_10min",
            Rule::KayentaPhaseEnd => "kayenta_phase_end",
        }
    }

    /// The number of the minute at whose end it takes the release back.
    #[must_use]
    pub fn takes_back(self, minutes: &[Minute]) -> Option<usize> {
        let absolute = Bounds::Absolute { errors: 0.01, p99_us: 1.5 * USUAL_P99_US };
        let relative = Bounds::Relative { errors: 0.001, p95: 1.1 };
        let argo = |bounds, window, consecutive| Thresholds { bounds, window, failure_limit: 3, consecutive };
        let flagger = |p99_us| Flagger { success: 0.99, p99_us, threshold: 5 };
        match self {
            Rule::ArgoAbsolute => argo(absolute, 1, false).takes_back(minutes),
            Rule::ArgoRelative => argo(relative, 1, false).takes_back(minutes),
            Rule::ArgoRelative5 => argo(relative, 5, false).takes_back(minutes),
            Rule::ArgoConsecutive => argo(relative, 1, true).takes_back(minutes),
            Rule::Flagger => flagger(500_000.0).takes_back(minutes),
            Rule::FlaggerFitted => flagger(1.5 * USUAL_P99_US).takes_back(minutes),
            Rule::KayentaRealTime => Analysis::of(When::EveryMinutes(10), 1.0).takes_back(minutes),
            Rule::KayentaPhaseEnd => Analysis::of(When::PhaseEnds, 1.1).takes_back(minutes),
        }
    }
}
