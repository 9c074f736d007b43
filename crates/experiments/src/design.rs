//! When a flag is an experiment: when chance alone decides who gets which variant, with probabilities that are known.

use flags::{Decision, Flag, Kind, Serve, Split, Weight};
use std::fmt;

/// How users are dealt to variants.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    /// The variants that the split gives, in its order; the first is the control unless somebody says otherwise.
    pub weights: Vec<Weight>,
    /// All that decides. Whatever changes in it changes who is compared with whom, so counts begin anew.
    pub decision: Decision,
}

/// Why a flag is no experiment in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotCounted {
    /// It is of another kind.
    OtherKind,
    /// It is off there, or put away.
    Off,
    /// It gives everybody the same.
    NoSplit,
    /// It is split in more than one place.
    TwoSplits,
    /// A rule gives a variant to users who were chosen.
    Chosen,
    /// It was imported as logic, whose probabilities are not known.
    Logic,
    /// It gives its `off` variant to users whose prerequisites are not met.
    Prerequisite,
    /// Its split gives all users the same variant.
    OneVariant,
}

impl Design {
    /// The experiment that a flag is in a channel.
    ///
    /// # Errors
    /// Why it is none.
    pub fn of(flag: &Flag, channel: &str) -> Result<Self, NotCounted> {
        if flag.kind != Kind::Experiment {
            return Err(NotCounted::OtherKind);
        }
        let state = flag.channels.get(channel).filter(|_| flag.is_on(channel)).ok_or(NotCounted::Off)?;
        if !flag.prerequisites.is_empty() && flag.off.is_some() {
            return Err(NotCounted::Prerequisite);
        }
        let split = the_split(&state.decision)?;
        let weights: Vec<Weight> = split.weights.iter().filter(|one| one.weight > 0).cloned().collect();
        if weights.len() < 2 {
            return Err(NotCounted::OneVariant);
        }
        Ok(Self { weights, decision: state.decision.clone() })
    }
}

fn the_split(decision: &Decision) -> Result<&Split, NotCounted> {
    let (rules, otherwise) = match decision {
        Decision::Rules { rules, otherwise } => (rules, otherwise),
        Decision::Logic { .. } => return Err(NotCounted::Logic),
    };
    let mut found = None;
    let mut chosen = false;
    for serve in rules.iter().map(|rule| &rule.serve).chain([otherwise]) {
        match serve {
            Serve::CodeDefault => {}
            Serve::Variant(_) => chosen = true,
            Serve::Split(_) if found.is_some() => return Err(NotCounted::TwoSplits),
            Serve::Split(split) => found = Some(split),
        }
    }
    let split = found.ok_or(NotCounted::NoSplit)?;
    if chosen { Err(NotCounted::Chosen) } else { Ok(split) }
}

impl NotCounted {
    /// What to do about it.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::OtherKind => "create the flag with the kind `experiment`",
            Self::Off => "turn it on there",
            Self::NoSplit | Self::OneVariant => "let it split users between two variants or more",
            Self::TwoSplits => "leave one split; make a flag of its own for the other users",
            Self::Chosen => {
                "let the rule give chosen users the default in their code, and everybody else the split: who is chosen was not \
                 dealt by chance and cannot be compared"
            }
            Self::Logic => "write its rules as Tidegate's own, with one split",
            Self::Prerequisite => {
                "remove its `off` variant, so that users without the prerequisites get the default in code"
            }
        }
    }
}

impl fmt::Display for NotCounted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtherKind => "it is not of the kind `experiment`",
            Self::Off => "it is off in this channel",
            Self::NoSplit => "it gives everybody the same",
            Self::TwoSplits => "it is split in more than one place",
            Self::Chosen => "a rule gives a variant to users who were chosen, beside the split",
            Self::Logic => "it decides by imported logic, whose probabilities are not known",
            Self::Prerequisite => "users whose prerequisites are not met get its `off` variant",
            Self::OneVariant => "its split gives everybody the same variant",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flags::{ChannelState, Condition, Prerequisite, Rule, ValueType};
    use std::collections::BTreeMap;

    fn split(weights: &[(&str, u32)]) -> Serve {
        let weights = weights.iter().map(|(variant, weight)| Weight { variant: (*variant).into(), weight: *weight });
        Serve::Split(Split { by: "targetingKey".into(), salt: None, weights: weights.collect() })
    }

    fn flag(rules: Vec<Serve>, otherwise: Serve) -> Flag {
        let rules = rules.into_iter().map(|serve| Rule { name: String::new(), when: Condition::All(vec![]), serve });
        let decision = Decision::Rules { rules: rules.collect(), otherwise };
        Flag {
            key: "f".into(),
            kind: Kind::Experiment,
            value_type: ValueType::Boolean,
            description: String::new(),
            owner: String::new(),
            ends_at_ms: None,
            release: None,
            variants: Vec::new(),
            off: None,
            prerequisites: Vec::new(),
            metadata: Vec::new(),
            channels: BTreeMap::from([("production".into(), ChannelState { on: true, decision })]),
            archived: false,
        }
    }

    fn halves() -> Serve {
        split(&[("old", 50_000), ("new", 50_000)])
    }

    #[test]
    fn only_chance_makes_an_experiment() {
        let variant = || Serve::Variant("new".into());
        let of = |flag: &Flag| Design::of(flag, "production").map(|design| design.weights.len());
        assert_eq!(of(&flag(vec![], halves())), Ok(2));
        assert_eq!(of(&flag(vec![Serve::CodeDefault, halves()], Serve::CodeDefault)), Ok(2));
        assert_eq!(of(&flag(vec![], split(&[("old", 0), ("new", 100_000)]))), Err(NotCounted::OneVariant));
        assert_eq!(of(&flag(vec![variant()], halves())), Err(NotCounted::Chosen));
        assert_eq!(of(&flag(vec![halves()], halves())), Err(NotCounted::TwoSplits));
        assert_eq!(of(&flag(vec![], variant())), Err(NotCounted::NoSplit));
        assert_eq!(Design::of(&flag(vec![], halves()), "staging").err(), Some(NotCounted::Off));
    }

    #[test]
    fn a_flag_must_mean_it() {
        let mut other = flag(vec![], halves());
        other.kind = Kind::Release;
        assert_eq!(Design::of(&other, "production").err(), Some(NotCounted::OtherKind));
        let mut needing = flag(vec![], halves());
        needing.prerequisites = vec![Prerequisite { flag: "g".into(), variants: vec!["on".into()] }];
        assert!(Design::of(&needing, "production").is_ok());
        needing.off = Some("old".into());
        assert_eq!(Design::of(&needing, "production").err(), Some(NotCounted::Prerequisite));
        needing.archived = true;
        assert_eq!(Design::of(&needing, "production").err(), Some(NotCounted::Off));
    }
}
