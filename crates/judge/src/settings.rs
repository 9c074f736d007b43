//! What is decided before the release begins: margins, error budget, triggers. Checked once, so that nothing
//! downstream meets a NaN.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::exact::{Blank, choice, state};
use crate::rules::{MOST_RULES, MeanRule, SeriesRule};

/// A level of the latency distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantile {
    /// The median.
    P50,
    /// 95 % are faster.
    P95,
    /// 99 % are faster.
    P99,
}

choice!(Quantile { P50, P95, P99 });

impl Quantile {
    /// All of them, rising.
    pub const ALL: [Quantile; 3] = [Quantile::P50, Quantile::P95, Quantile::P99];

    /// The share of requests that are faster, 0 to 1.
    #[must_use]
    pub const fn level(self) -> f64 {
        match self {
            Quantile::P50 => 0.5,
            Quantile::P95 => 0.95,
            Quantile::P99 => 0.99,
        }
    }

    pub(crate) const fn index(self) -> usize {
        match self {
            Quantile::P50 => 0,
            Quantile::P95 => 1,
            Quantile::P99 => 2,
        }
    }
}

impl fmt::Display for Quantile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Quantile::P50 => "p50",
            Quantile::P95 => "p95",
            Quantile::P99 => "p99",
        })
    }
}

/// How much worse than stable is still acceptable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Margins {
    /// Rise of the share of failed requests (0.001 is 0.1 points).
    pub error_rate: f64,
    /// Relative slowdown (0.1 is 10 %), met in whole latency buckets: a pass uses the largest number of them within
    /// it, harm the smallest number not below it. 10 % is exact; 50 % is 49.2 % for a pass and 52.1 % for harm.
    pub latency: f64,
    /// The quantiles that must be shown to lie within `latency` before a phase passes.
    pub quantiles: Vec<Quantile>,
}

state!(Margins { error_rate, latency, quantiles });

impl Margins {
    /// Whether these margins can be judged.
    ///
    /// # Errors
    /// Names the margin that cannot, and why.
    pub fn check(&self) -> Result<(), Unsound> {
        let [error_rate, latency] = UNSOUND_MARGINS;
        within(error_rate, self.error_rate, 0.0, 1.0)?;
        within(latency, self.latency, 0.0, LARGEST_SLOWDOWN)
    }
}

/// The names of margins that may be unsound.
pub(crate) const UNSOUND_MARGINS: [&str; 2] = ["margins.error_rate", "margins.latency"];

impl Blank for Margins {
    fn blank() -> Margins {
        Margins { error_rate: 0.0, latency: 0.0, quantiles: Vec::new() }
    }
}

/// Beyond a hundredfold slowdown a margin is a mistake in the unit.
const LARGEST_SLOWDOWN: f64 = 100.0;

/// "Errors above a bound for some minutes in a row", guarded by evidence against the canary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrorStreak {
    /// A window breaches when its share of failed requests is above this.
    pub above: f64,
    /// So many breaching windows in a row fire.
    pub windows: u32,
    /// Length of a window.
    pub window_ms: i64,
    /// A window with fewer canary requests says nothing.
    pub min_samples: u64,
}

state!(ErrorStreak { above, windows, window_ms, min_samples });

/// "Slower than stable by some factor for some minutes in a row", guarded in the same way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatencyStreak {
    /// A window breaches when the canary's quantile is above `(1 + worse_by)` times stable's.
    pub worse_by: f64,
    /// The quantile that is compared.
    pub quantile: Quantile,
    /// So many breaching windows in a row fire.
    pub windows: u32,
    /// Length of a window.
    pub window_ms: i64,
    /// A window with fewer measured requests in either arm says nothing.
    pub min_samples: u64,
}

state!(LatencyStreak { worse_by, quantile, windows, window_ms, min_samples });

/// So many incidents long must stable be watched before its errors can be called steady: half an hour of 20 seconds each.
pub const INCIDENTS_TO_LEARN: u32 = 90;

/// What the judge is told before a release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The false-alarm budget of the whole release, over all metrics, phases and looks.
    pub alpha_harm: f64,
    /// The probability that a phase passes a canary that is exactly at a margin.
    pub alpha_pass: f64,
    /// Start of each phase in which only gross failures are judged: cold caches are not harm.
    pub warm_up_ms: i64,
    /// How long a fault may take to begin and still be found at full strength: capital is released over this time.
    pub horizon_ms: i64,
    /// How long errors that come together last: all errors of the canary within this time are one incident, until stable was
    /// watched for [`INCIDENTS_TO_LEARN`] times as long and its errors are known to arrive steadily.
    pub incident_ms: i64,
    /// Slowdowns smaller than this are never held against the canary, whatever their ratio.
    pub latency_floor_us: u64,
    /// The margins of the harm tests, in every phase. Its `quantiles` are not read: harm looks at all of them.
    pub harm_margins: Margins,
    /// The trigger on errors, if there is one.
    pub error_streak: Option<ErrorStreak>,
    /// The trigger on latency, if there is one.
    pub latency_streak: Option<LatencyStreak>,
    /// Business metrics.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub means: Vec<MeanRule>,
    /// Series of numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub series: Vec<SeriesRule>,
}

state!(Settings {
    alpha_harm,
    alpha_pass,
    warm_up_ms,
    horizon_ms,
    incident_ms,
    latency_floor_us,
    harm_margins,
    error_streak,
    latency_streak,
    means,
    series,
});

impl Default for Settings {
    /// The numbers of the process: 0.1 points, 10 %, "> 1 % for 5 minutes", "> 50 % slower for 10 minutes".
    fn default() -> Settings {
        Settings {
            alpha_harm: 0.01,
            alpha_pass: 0.05,
            warm_up_ms: 180_000,
            horizon_ms: 10_800_000,
            incident_ms: 20_000,
            latency_floor_us: 1_000,
            harm_margins: Margins { error_rate: 0.001, latency: 0.1, quantiles: Quantile::ALL.to_vec() },
            error_streak: Some(ErrorStreak { above: 0.01, windows: 5, window_ms: 60_000, min_samples: 50 }),
            latency_streak: Some(LatencyStreak {
                worse_by: 0.5,
                quantile: Quantile::P95,
                windows: 10,
                window_ms: 60_000,
                min_samples: 50,
            }),
            means: Vec::new(),
            series: Vec::new(),
        }
    }
}

impl Blank for ErrorStreak {
    fn blank() -> ErrorStreak {
        ErrorStreak { above: 0.0, windows: 0, window_ms: 0, min_samples: 0 }
    }
}

impl Blank for LatencyStreak {
    fn blank() -> LatencyStreak {
        LatencyStreak { worse_by: 0.0, quantile: Quantile::P50, windows: 0, window_ms: 0, min_samples: 0 }
    }
}

impl Settings {
    /// Whether a release can be judged by these settings.
    ///
    /// # Errors
    /// Names the first setting that makes no sense, and why.
    pub fn check(&self) -> Result<(), Unsound> {
        within("alpha_harm", self.alpha_harm, SMALLEST_ALPHA, 0.5)?;
        within("alpha_pass", self.alpha_pass, SMALLEST_ALPHA, 0.5)?;
        not_negative("warm_up_ms", self.warm_up_ms)?;
        positive("horizon_ms", self.horizon_ms)?;
        positive("incident_ms", self.incident_ms)?;
        self.harm_margins.check()?;
        if let Some(streak) = &self.error_streak {
            within("error_streak.above", streak.above, 0.0, 1.0)?;
            positive("error_streak.windows", i64::from(streak.windows))?;
            positive("error_streak.window_ms", streak.window_ms)?;
        }
        if let Some(streak) = &self.latency_streak {
            within("latency_streak.worse_by", streak.worse_by, 0.0, LARGEST_SLOWDOWN)?;
            positive("latency_streak.windows", i64::from(streak.windows))?;
            positive("latency_streak.window_ms", streak.window_ms)?;
        }
        if self.means.len() > MOST_RULES || self.series.len() > MOST_RULES {
            return Err(Unsound { setting: "means and series", why: format!("more than {MOST_RULES} of a kind") });
        }
        self.means.iter().try_for_each(MeanRule::check)?;
        self.series.iter().try_for_each(SeriesRule::check)
    }
}

/// Evidence is capped near `e^600`; an error budget must lie well above that.
const SMALLEST_ALPHA: f64 = 1e-12;

/// A setting that cannot be judged by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsound {
    /// Which setting, as its path.
    pub setting: &'static str,
    /// What was found and what would be right.
    pub why: String,
}

impl fmt::Display for Unsound {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.setting, self.why)
    }
}

impl core::error::Error for Unsound {}

pub(crate) fn within(setting: &'static str, value: f64, low: f64, high: f64) -> Result<(), Unsound> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(Unsound { setting, why: format!("is {value}, must be between {low} and {high}") })
}

pub(crate) fn positive(setting: &'static str, value: i64) -> Result<(), Unsound> {
    if value > 0 {
        return Ok(());
    }
    Err(Unsound { setting, why: format!("is {value}, must be above 0") })
}

fn not_negative(setting: &'static str, value: i64) -> Result<(), Unsound> {
    if value >= 0 {
        return Ok(());
    }
    Err(Unsound { setting, why: format!("is {value}, must not be negative") })
}
