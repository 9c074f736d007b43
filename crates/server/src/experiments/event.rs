//! What is told, and what was made of it. Each event is taken or refused for itself: a bad one does not take a batch with it,
//! and none is dropped without a word.

use crate::dto::ToldEvent;
use experiments::{NotCounted, Noted, Refused};

/// The most events of one batch.
pub(crate) const MOST_EVENTS: usize = 5_000;
/// How many refusals of a batch are told one by one.
const MOST_TOLD: usize = 50;
/// The longest name of a user, in bytes.
const LONGEST_UNIT: usize = 256;
/// The longest id of an event, in bytes.
const LONGEST_ID: usize = 128;
/// The longest name of a metric.
const LONGEST_METRIC: usize = 64;
/// The largest value: squares of a billion of them can still be added up.
const LARGEST_VALUE: f64 = 1e12;

/// An event that has the right form.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told {
    pub(crate) what: What,
    pub(crate) unit: String,
    pub(crate) at_ms: Option<i64>,
    pub(crate) id: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    Exposure { flag: String, variant: String },
    Metric { name: String, value: Option<f64> },
}

/// Why an event is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) why: String,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    Counted,
    Repeated,
    Crossed,
    Unexposed,
}

/// What became of a batch. The numbers add up to its length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) counted: u64,
    pub(crate) repeated: u64,
    pub(crate) crossed: u64,
    pub(crate) unexposed: u64,
    /// With their place in the batch: the first of them.
    pub(crate) refused: Vec<(usize, Refusal)>,
    pub(crate) refused_in_all: u64,
    /// Of these, the ones of flags that are no experiment.
    pub(crate) no_experiment: u64,
}

impl Report {
    pub(crate) fn add(&mut self, at: usize, became: Result<Count, Refusal>) {
        match became {
            Ok(Count::Counted) => self.counted += 1,
            Ok(Count::Repeated) => self.repeated += 1,
            Ok(Count::Crossed) => self.crossed += 1,
            Ok(Count::Unexposed) => self.unexposed += 1,
            Err(refusal) => {
                self.refused_in_all += 1;
                self.no_experiment += u64::from(refusal.code == NO_EXPERIMENT);
                if self.refused.len() < MOST_TOLD {
                    self.refused.push((at, refusal));
                }
            }
        }
    }
}

impl From<Noted> for Count {
    fn from(noted: Noted) -> Self {
        match noted {
            Noted::Counted => Self::Counted,
            Noted::Known => Self::Repeated,
            Noted::Crossed => Self::Crossed,
            Noted::Unexposed => Self::Unexposed,
        }
    }
}

const NO_EXPERIMENT: &str = "TG-8101";

impl Refusal {
    fn new(code: &'static str, why: impl Into<String>) -> Self {
        Self { code, why: why.into() }
    }

    pub(crate) fn unknown_flag(key: &str) -> Self {
        Self::new("TG-8001", format!("there is no flag {:?}", shortened(key)))
    }

    pub(crate) fn no_experiment(key: &str, why: NotCounted) -> Self {
        Self::new(NO_EXPERIMENT, format!("{key} is no experiment: {why}; {}", why.hint()))
    }

    pub(crate) fn malformed(why: impl Into<String>) -> Self {
        Self::new("TG-8103", why)
    }

    pub(crate) fn too_many_experiments() -> Self {
        Self::new("TG-8106", "as many experiments are counted as may be")
    }

    pub(super) fn wrong_time(why: impl Into<String>) -> Self {
        Self::new("TG-8107", why)
    }

    pub(super) fn of(refused: &Refused) -> Self {
        let code = match refused {
            Refused::NotGiven { .. } => "TG-8104",
            Refused::OtherKind { .. } => "TG-8105",
            Refused::Metrics | Refused::Full => "TG-8106",
        };
        Self::new(code, refused.to_string())
    }
}

impl Told {
    pub(crate) fn flag(&self) -> Option<&str> {
        match &self.what {
            What::Exposure { flag, .. } => Some(flag),
            What::Metric { .. } => None,
        }
    }

    /// An event as it came.
    pub(crate) fn read(event: serde_json::Value) -> Result<Self, Refusal> {
        let event: ToldEvent = serde_json::from_value(event).map_err(|error| Refusal::malformed(error.to_string()))?;
        match event {
            ToldEvent::Exposure { flag, variant, unit, at_ms, id } => Self::exposure(flag, variant, unit, at_ms, id),
            ToldEvent::Metric { name, unit, value, at_ms, id } => {
                metric_name(&name)?;
                if value.is_some_and(|value| !value.is_finite() || value.abs() > LARGEST_VALUE) {
                    return Err(Refusal::malformed("the value is not a number between -1e12 and 1e12"));
                }
                Self { what: What::Metric { name, value }, unit, at_ms, id }.checked()
            }
        }
    }

    pub(crate) fn exposure(
        flag: String,
        variant: String,
        unit: String,
        at_ms: Option<i64>,
        id: Option<String>,
    ) -> Result<Self, Refusal> {
        Self { what: What::Exposure { flag, variant }, unit, at_ms, id }.checked()
    }

    fn checked(self) -> Result<Self, Refusal> {
        if self.unit.is_empty() || self.unit.len() > LONGEST_UNIT {
            return Err(Refusal::malformed(format!(
                "`unit` has {} bytes, and may have 1 to {LONGEST_UNIT}",
                self.unit.len()
            )));
        }
        if self.id.as_ref().is_some_and(|id| id.is_empty() || id.len() > LONGEST_ID) {
            return Err(Refusal::malformed(format!("`id` must have 1 to {LONGEST_ID} bytes")));
        }
        Ok(self)
    }
}

/// Names of metrics are kept for years and shown: nothing that could be somebody's address.
fn metric_name(name: &str) -> Result<(), Refusal> {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ' ');
    let ends = name.starts_with(' ') || name.ends_with(' ');
    if name.is_empty() || name.len() > LONGEST_METRIC || ends || !name.chars().all(fine) {
        return Err(Refusal::malformed(format!(
            "`name` must have 1 to {LONGEST_METRIC} of a-z A-Z 0-9 . _ - / and spaces between"
        )));
    }
    Ok(())
}

fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}
