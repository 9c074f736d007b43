//! How many users see something else after a change, where that follows from the definitions alone. Where it depends on who the
//! users are, nothing is claimed.

use crate::rule_text::percent_text;
use flags::model::WHOLE;
use flags::{ChannelState, Decision, Flag, Serve};
use serde_json::{Value, json};

/// How many users see something else.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Moved {
    /// So many, in thousandths of a percent.
    Share {
        /// How many.
        weight: u64,
        /// Whether users are drawn anew, so that it holds on average alone.
        drawn_anew: bool,
        /// Whether only those are counted whom no rule names.
        without_rule: bool,
    },
    /// It cannot be said, and why.
    Unknown(&'static str),
}

/// What users get: variants with their weights, in their order. Nothing stands for the default in code.
struct Given<'f> {
    /// Which split draws; nothing if all get the same.
    drawn: Option<(&'f str, &'f str)>,
    parts: Vec<(Option<&'f str>, u64)>,
}

/// How many users of a channel see something else when its state is `after` instead of `before`.
#[must_use]
pub(super) fn moved(flag: &Flag, before: Option<&ChannelState>, after: Option<&ChannelState>) -> Moved {
    let off = flag.off.clone().map_or(Serve::CodeDefault, Serve::Variant);
    let effective = |state: Option<&ChannelState>| match state {
        Some(state) if state.on => state.decision.clone(),
        Some(_) | None => Decision::Rules { rules: Vec::new(), otherwise: off.clone() },
    };
    let (Decision::Rules { rules: old_rules, otherwise: old }, Decision::Rules { rules: new_rules, otherwise: new }) =
        (effective(before), effective(after))
    else {
        return Moved::Unknown("one of the rules is flagd's");
    };
    if old_rules != new_rules {
        return Moved::Unknown("it depends on whom the rules name");
    }
    let (weight, drawn_anew) = difference(&given(flag, &old), &given(flag, &new));
    Moved::Share { weight, drawn_anew, without_rule: !new_rules.is_empty() }
}

fn given<'f>(flag: &'f Flag, serve: &'f Serve) -> Given<'f> {
    let whole = u64::from(WHOLE);
    match serve {
        Serve::CodeDefault => Given { drawn: None, parts: vec![(None, whole)] },
        Serve::Variant(name) => Given { drawn: None, parts: vec![(Some(name), whole)] },
        Serve::Split(split) => {
            let parts =
                split.weights.iter().map(|part| (Some(part.variant.as_str()), u64::from(part.weight))).collect();
            Given { drawn: Some((&split.by, split.salt.as_deref().unwrap_or(&flag.key))), parts }
        }
    }
}

/// The weight of those who get another variant, and whether that holds on average alone.
fn difference(old: &Given<'_>, new: &Given<'_>) -> (u64, bool) {
    let whole = u64::from(WHOLE);
    let weight =
        |given: &Given<'_>, name| given.parts.iter().filter(|part| part.0 == name).map(|part| part.1).sum::<u64>();
    if let (Some(one), Some(other)) = (old.drawn, new.drawn)
        && one != other
    {
        let same: u64 = old.parts.iter().map(|part| part.1 * weight(new, part.0)).sum();
        return (whole - same / whole, true);
    }
    // Both lie on one line, or one of them is the same all along it: what overlaps stays.
    let (mut stays, mut at) = (0, 0);
    for (name, part) in &old.parts {
        let mut begin = 0;
        for (other, width) in &new.parts {
            let overlap = (at + part).min(begin + width).saturating_sub(at.max(begin));
            stays += if name == other { overlap } else { 0 };
            begin += width;
        }
        at += part;
    }
    (whole - stays, false)
}

impl Moved {
    /// For people.
    #[must_use]
    pub(super) fn sentence(&self) -> String {
        match self {
            Self::Share { weight: 0, without_rule, .. } => format!("nobody{} sees something else", whom(*without_rule)),
            Self::Share { weight, drawn_anew: false, without_rule } => {
                format!("{} % of users{} see something else", percent_text(*weight), whom(*without_rule))
            }
            Self::Share { weight, drawn_anew: true, without_rule } => format!(
                "about {} % of users{} see something else: they are drawn anew, as they are told apart by something else",
                percent_text(weight.div_ceil(1_000) * 1_000),
                whom(*without_rule)
            ),
            Self::Unknown(why) => format!("how many users see something else cannot be said: {why}"),
        }
    }

    /// For programs.
    #[must_use]
    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::Share { weight, drawn_anew, without_rule } => json!({
                "thousandths_of_percent": weight,
                "on_average": drawn_anew,
                "of": if *without_rule { "users whom no rule names" } else { "users" },
            }),
            Self::Unknown(why) => json!({ "unknown": why }),
        }
    }
}

fn whom(without_rule: bool) -> &'static str {
    if without_rule { " whom no rule names" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule_text::{rule, serve};

    fn state(on: bool, rules: &[&str], otherwise: &str) -> ChannelState {
        let rules = rules.iter().map(|text| rule(text, 1).unwrap()).collect();
        ChannelState { on, decision: Decision::Rules { rules, otherwise: serve(otherwise).unwrap() } }
    }

    fn flag() -> Flag {
        let json = r#"{"key":"f","kind":"release","value_type":"boolean","off":"off",
            "variants":[{"name":"on","value":true},{"name":"off","value":false}]}"#;
        serde_json::from_str(json).unwrap()
    }

    fn share(before: Option<&ChannelState>, after: &ChannelState) -> (u64, bool) {
        match moved(&flag(), before, Some(after)) {
            Moved::Share { weight, drawn_anew, .. } => (weight, drawn_anew),
            Moved::Unknown(why) => panic!("{why}"),
        }
    }

    #[test]
    fn a_ramp_moves_its_step() {
        let ramp = |text: &str| state(true, &[], text);
        assert_eq!(share(None, &ramp("on 25%, off 75%")), (25_000, false));
        assert_eq!(share(Some(&ramp("on 5%, off 95%")), &ramp("on 25%, off 75%")), (20_000, false));
        assert_eq!(share(Some(&ramp("on 25%, off 75%")), &ramp("off 75%, on 25%")), (50_000, false));
        assert_eq!(share(Some(&ramp("on")), &ramp("on 100%")), (0, false));
        assert_eq!(share(Some(&ramp("on 50%, off 50%")), &ramp("code default")), (100_000, false));
    }

    #[test]
    fn another_salt_draws_anew() {
        let ramp = |text: &str| state(true, &[], text);
        assert_eq!(share(Some(&ramp("on 50%, off 50%")), &ramp("on 50%, off 50% salt b")), (50_000, true));
        assert_eq!(share(Some(&ramp("on 10%, off 90%")), &ramp("on 10%, off 90% by orgId")), (18_000, true));
        assert_eq!(share(Some(&ramp("on 50%, off 50%")), &ramp("on 50%, off 50% salt f")), (0, false));
    }

    #[test]
    fn a_flag_that_stays_off_moves_nobody() {
        assert_eq!(share(Some(&state(false, &[], "on")), &state(false, &["a exists -> on"], "on")), (0, false));
    }

    #[test]
    fn whom_rules_name_is_not_known() {
        let one = state(true, &["a exists -> on"], "off");
        let other = state(true, &["b exists -> on"], "off");
        assert!(matches!(moved(&flag(), Some(&one), Some(&other)), Moved::Unknown(_)));
        let more = state(true, &["a exists -> on"], "on 10%, off 90%");
        let told = moved(&flag(), Some(&one), Some(&more)).sentence();
        assert_eq!(told, "10 % of users whom no rule names see something else");
    }
}
