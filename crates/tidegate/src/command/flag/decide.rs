//! What people say that a flag should say, made a decision: what they leave out stays as it is.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::rule_text::{percent_text, rule, serve, weight_of};
use flags::model::{TARGETING_KEY, WHOLE};
use flags::{ChannelState, Decision, Flag, Rule, Serve, Split, Weight};
use std::io::Read;
use std::path::Path;

/// What is to be said.
#[derive(clap::Args, Debug, Default)]
pub(super) struct Wanted {
    /// This share of users gets the variant, the others get the one for off; who is in stays in when it grows
    #[arg(long, value_name = "PERCENT")]
    percent: Option<String>,
    /// With --percent: the variant, instead of the first that is not for off
    #[arg(long, value_name = "NAME", requires = "percent")]
    variant: Option<String>,
    /// With --percent: the attribute that says who is the same user
    #[arg(long, value_name = "ATTRIBUTE", requires = "percent")]
    by: Option<String>,
    /// What everybody gets whom no rule names: `on`, `red 20%, blue 80%`, `code default`
    #[arg(long, value_name = "SERVE", conflicts_with = "percent")]
    serve: Option<String>,
    /// A rule, e.g. `country is DE, AT -> on`; all that are given, in their order, take the place of those that are there
    #[arg(long, value_name = "RULE")]
    rule: Vec<String>,
    /// A rule after those that are there
    #[arg(long, value_name = "RULE", conflicts_with = "rule")]
    add_rule: Vec<String>,
    /// Take all rules away
    #[arg(long, conflicts_with_all = ["rule", "add_rule"])]
    no_rules: bool,
    /// The whole decision as JSON, from a file or from standard input (-)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["percent", "serve", "rule", "add_rule", "no_rules"])]
    decision: Option<String>,
}

impl Wanted {
    /// Whether nothing is wanted.
    #[must_use]
    pub(super) fn is_empty(&self) -> bool {
        let Self { percent, serve, rule, add_rule, no_rules, decision, .. } = self;
        percent.is_none()
            && serve.is_none()
            && rule.is_empty()
            && add_rule.is_empty()
            && !no_rules
            && decision.is_none()
    }

    /// The decision for a flag that is so in the channel.
    ///
    /// # Errors
    /// It cannot be understood, or does not fit the flag.
    pub(super) fn decision(&self, flag: &Flag, state: Option<&ChannelState>) -> Result<Decision, Failure> {
        if let Some(file) = &self.decision {
            return read(file, "a decision");
        }
        let (held, otherwise) = match state.map(|state| &state.decision) {
            Some(Decision::Rules { rules, otherwise }) => (rules.clone(), otherwise.clone()),
            None => (Vec::new(), first(flag)?),
            Some(Decision::Logic { .. }) if self.percent.is_none() && self.serve.is_none() => {
                return Err(Failure::new(
                    Exit::Usage,
                    "TG-7073",
                    "the flag's rule there is flagd's, which cannot be changed in parts",
                )
                .hint("say with --serve or --percent what everybody gets; it takes the place of flagd's rule"));
            }
            Some(Decision::Logic { .. }) => (Vec::new(), Serve::CodeDefault),
        };
        let otherwise = match (&self.percent, &self.serve) {
            (Some(percent), _) => Serve::Split(self.split(flag, &otherwise, percent)?),
            (None, Some(text)) => serve(text).map_err(|wrong| wrong.failure("--serve", text))?,
            (None, None) => otherwise,
        };
        let read = |option: &'static str, texts: &[String], from: usize| -> Result<Vec<Rule>, Failure> {
            let numbered = texts.iter().enumerate();
            numbered.map(|(i, text)| rule(text, from + i + 1).map_err(|wrong| wrong.failure(option, text))).collect()
        };
        let rules = if self.no_rules {
            Vec::new()
        } else if self.rule.is_empty() {
            let more = read("--add-rule", &self.add_rule, held.len())?;
            held.into_iter().chain(more).collect()
        } else {
            read("--rule", &self.rule, 0)?
        };
        Ok(Decision::Rules { rules, otherwise })
    }

    /// A share for one variant. Who is told apart by what, and in which order, stays as it is: else users would be drawn anew.
    fn split(&self, flag: &Flag, otherwise: &Serve, percent: &str) -> Result<Split, Failure> {
        let weight = weight_of(percent.trim_end_matches('%').trim_end()).ok_or_else(|| {
            Failure::new(Exit::Usage, "TG-7074", format!("`{percent}` is no share of users"))
                .because("a share is a number from 0 to 100, in thousandths of a percent at the finest")
                .hint("write it as in --percent 2.5")
        })?;
        let held = match otherwise {
            Serve::Split(split) => Some(split),
            Serve::Variant(_) | Serve::CodeDefault => None,
        };
        let variant = match &self.variant {
            Some(name) => name.clone(),
            None => match first(flag)? {
                Serve::Variant(name) => name,
                Serve::Split(_) | Serve::CodeDefault => return Err(no_other(flag)),
            },
        };
        let others: Vec<&str> = match held {
            Some(split) => {
                split.weights.iter().map(|part| part.variant.as_str()).filter(|name| *name != variant).collect()
            }
            None => Vec::new(),
        };
        let rest = match (others.as_slice(), &flag.off) {
            ([only], _) => (*only).to_owned(),
            ([], Some(off)) if *off != variant => off.clone(),
            _ => return Err(no_other(flag)),
        };
        let one = Weight { variant: variant.clone(), weight };
        let other = Weight { variant: rest, weight: WHOLE - weight };
        let begins = held.and_then(|split| split.weights.first()).is_none_or(|part| part.variant == variant);
        Ok(Split {
            by: self.by.clone().or_else(|| held.map(|split| split.by.clone())).unwrap_or_else(|| TARGETING_KEY.into()),
            salt: held.and_then(|split| split.salt.clone()),
            weights: if begins { vec![one, other] } else { vec![other, one] },
        })
    }
}

/// The first variant that is not the one for off.
fn first(flag: &Flag) -> Result<Serve, Failure> {
    let on = flag.variants.iter().find(|variant| Some(&variant.name) != flag.off.as_ref());
    on.map(|variant| Serve::Variant(variant.name.clone())).ok_or_else(|| no_other(flag))
}

fn no_other(flag: &Flag) -> Failure {
    let names: Vec<&str> = flag.variants.iter().map(|variant| variant.name.as_str()).collect();
    Failure::new(
        Exit::Usage,
        "TG-7074",
        format!("it is not clear which two of the variants {} are meant", names.join(", ")),
    )
    .hint(format!("name all of them with their parts: --serve \"{}\"", parts_of(&names)))
}

/// Equal parts, as an example that can be typed.
fn parts_of(names: &[&str]) -> String {
    let Some((last, others)) = names.split_last() else { return "on 100%".into() };
    let each = u64::from(WHOLE) / names.len() as u64;
    let rest = u64::from(WHOLE) - each * others.len() as u64;
    let part = |name: &str, weight| format!("{name} {}%", percent_text(weight));
    others.iter().map(|name| part(name, each)).chain([part(last, rest)]).collect::<Vec<_>>().join(", ")
}

/// JSON from a file, or from standard input.
///
/// # Errors
/// It cannot be read, or is something else.
pub(super) fn read<T: serde::de::DeserializeOwned>(file: &str, what: &str) -> Result<T, Failure> {
    let text = if file == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(Path::new(file))
    };
    let name = if file == "-" { "standard input" } else { file };
    let text = text.map_err(|error| {
        Failure::new(Exit::Usage, "TG-7075", format!("{name} cannot be read"))
            .because(error.to_string())
            .hint("name a file of UTF-8 text that this user may read, or - for standard input")
    })?;
    serde_json::from_str(&text).map_err(|error| {
        Failure::new(Exit::Usage, "TG-7076", format!("{name} does not hold {what}"))
            .because(error.to_string())
            .hint("`--json` of `tidegate flag show` has examples; docs/reference/openapi.json describes them all")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule_text::decision_lines;

    fn flag() -> Flag {
        let json = r#"{"key":"f","kind":"release","value_type":"boolean","off":"off",
            "variants":[{"name":"on","value":true},{"name":"off","value":false}]}"#;
        serde_json::from_str(json).unwrap()
    }

    fn lines(wanted: &Wanted, held: &str) -> Vec<String> {
        let otherwise = serve(held).unwrap();
        let decision = Decision::Rules { rules: vec![rule("a exists -> on", 1).unwrap()], otherwise };
        decision_lines(&wanted.decision(&flag(), Some(&ChannelState { on: true, decision })).unwrap())
    }

    #[test]
    fn a_share_keeps_its_order_and_who_is_who() {
        let percent = |p: &str| Wanted { percent: Some(p.into()), ..Wanted::default() };
        let otherwise = |wanted: &Wanted, held: &str| lines(wanted, held)[1].clone();
        assert_eq!(lines(&percent("25"), "off"), ["rule 1: a exists -> on", "otherwise -> on 25%, off 75%"]);
        assert_eq!(otherwise(&percent("2.5%"), "off 90%, on 10%"), "otherwise -> off 97.5%, on 2.5%");
        assert_eq!(
            otherwise(&percent("50"), "on 5%, off 95% by orgId salt x"),
            "otherwise -> on 50%, off 50% by orgId salt x"
        );
        assert!(percent("101").decision(&flag(), None).is_err());
        assert!(percent("0.0001").decision(&flag(), None).is_err());
    }

    #[test]
    fn rules_are_replaced_added_or_taken_away() {
        let b = || vec!["b exists -> off".to_owned()];
        assert_eq!(
            lines(&Wanted { rule: b(), ..Wanted::default() }, "off"),
            ["rule 1: b exists -> off", "otherwise -> off"]
        );
        assert_eq!(
            lines(&Wanted { add_rule: b(), ..Wanted::default() }, "off"),
            ["rule 1: a exists -> on", "rule 2: b exists -> off", "otherwise -> off"]
        );
        assert_eq!(lines(&Wanted { no_rules: true, ..Wanted::default() }, "off"), ["otherwise -> off"]);
    }

    #[test]
    fn a_rule_of_flagds_is_replaced_as_a_whole() {
        let state = ChannelState { on: true, decision: Decision::Logic { targeting: None, default: None } };
        assert!(
            Wanted { add_rule: vec!["a exists -> on".into()], ..Wanted::default() }
                .decision(&flag(), Some(&state))
                .is_err()
        );
        let served = Wanted { serve: Some("on".into()), ..Wanted::default() }.decision(&flag(), Some(&state)).unwrap();
        assert_eq!(decision_lines(&served), ["otherwise -> on"]);
    }
}
