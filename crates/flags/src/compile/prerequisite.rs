//! Prerequisites written out: another flag's whole decision, with its own key in its splits, so that a client needs to know nothing
//! of the other flag to come to the same answer.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::{Compiler, Kind, Unmet, default_of, name_or_null, operator};
use crate::json::Json;
use crate::logic::Reader;
use crate::model::{Decision, Flag};
use crate::problem::{Place, Problem};

/// What a flag says, as one value: the name of a variant, or `null` for the default in the code.
enum Said {
    /// To everybody.
    Always(Option<String>),
    /// By a rule.
    By(Json),
}

impl<'s> Compiler<'s> {
    /// When the prerequisites of a flag fail.
    pub(super) fn unmet(&mut self, flag: &'s Flag, place: &Place<'_>) -> Result<Unmet, Problem> {
        let place = place.member("prerequisites");
        let mut met = Vec::new();
        if !flag.prerequisites.is_empty() && !self.open.insert((Kind::Flag, &flag.key)) {
            return Err(place.problem(
                format!("the flag `{}` rests on itself", flag.key),
                "take one of the flags out of the circle",
            ));
        }
        for (i, wanted) in flag.prerequisites.iter().enumerate() {
            let place = place.item(i);
            let other = self.find(&wanted.flag, &place)?;
            self.spend(8 + wanted.variants.len(), &place)?;
            match self.said(other, &place)? {
                Said::Always(name) if name.as_ref().is_some_and(|name| wanted.variants.contains(name)) => {}
                Said::Always(_) => {
                    self.open.remove(&(Kind::Flag, &flag.key));
                    return Ok(Unmet::Always);
                }
                Said::By(rule) => {
                    let names = wanted.variants.iter().map(|name| Json::from(name.as_str())).collect();
                    met.push(operator("in", vec![rule, Json::List(names)]));
                }
            }
        }
        self.open.remove(&(Kind::Flag, &flag.key));
        Ok(match met.len() {
            0 => Unmet::Never,
            1 => Unmet::When(operator("!", met)),
            _ => Unmet::When(operator("!", vec![operator("and", met)])),
        })
    }

    /// What `flag` says in this channel.
    fn said(&mut self, flag: &'s Flag, place: &Place<'_>) -> Result<Said, Problem> {
        let Some(state) = flag.channels.get(self.channel).filter(|state| state.on) else {
            return Ok(Said::Always(flag.off.clone()));
        };
        let unmet = self.unmet(flag, place)?;
        if matches!(unmet, Unmet::Always) {
            return Ok(Said::Always(flag.off.clone()));
        }
        match &state.decision {
            Decision::Logic { targeting: None, default } => Ok(Said::Always(default.clone())),
            Decision::Logic { targeting: Some(rule), default } => {
                said_by_logic(flag, rule, default.as_deref(), place).map(Said::By)
            }
            Decision::Rules { rules, otherwise } => {
                let default = default_of(flag, otherwise);
                let fallback = name_or_null(default.as_deref());
                let mut arms = Vec::new();
                if let Unmet::When(unmet) = unmet {
                    arms.extend([unmet, name_or_null(flag.off.as_deref())]);
                }
                for rule in rules {
                    arms.push(self.condition(&rule.when, place, 0)?);
                    arms.push(self.serve(flag, &rule.serve, &fallback, place)?);
                }
                let last = self.serve(flag, otherwise, &fallback, place)?;
                Ok(match (arms.is_empty(), last) {
                    (true, Json::Text(name)) => Said::Always(Some(name)),
                    (true, Json::Null) => Said::Always(None),
                    (true, rule) => Said::By(rule),
                    (false, last) => {
                        arms.push(last);
                        Said::By(operator("if", arms))
                    }
                })
            }
        }
    }
}

/// A rule of flagd's as a part of another flag's: it must give names plainly, and say by itself what flagd would add.
fn said_by_logic(flag: &Flag, rule: &Json, default: Option<&str>, place: &Place<'_>) -> Result<Json, Problem> {
    // Reading bounds the depth of what is walked next.
    Reader::new().read(rule, place, 0)?;
    if !names_variants(flag, rule) || reads_own_key(rule) {
        return Err(place.problem(
            format!("what the flag `{}` says cannot be written into another one", flag.key),
            "write its rule in Tidegate's words; or let it name its variants plainly, and what `fractional` divides by",
        ));
    }
    Ok(match default {
        Some(default) => operator("or", vec![rule.clone(), Json::from(default)]),
        None => rule.clone(),
    })
}

/// Whether whatever the rule comes to is a variant's name or `null`.
fn names_variants(flag: &Flag, rule: &Json) -> bool {
    match rule {
        Json::Null => true,
        Json::Text(name) => flag.variant(name).is_some(),
        Json::Map(members) => match members.as_slice() {
            [(name, Json::List(items))] if name == "if" || name == "?:" => items
                .iter()
                .enumerate()
                .all(|(i, item)| (i % 2 == 0 && i + 1 < items.len()) || names_variants(flag, item)),
            [(name, Json::List(items))] if name == "fractional" => items.iter().skip(1).all(|share| match share {
                Json::List(parts) => parts.first().is_some_and(|variant| names_variants(flag, variant)),
                _ => false,
            }),
            _ => false,
        },
        Json::Bool(_) | Json::Int(_) | Json::Float(_) | Json::List(_) => false,
    }
}

/// Whether it means the flag that is evaluated: by name, or by a `fractional` that does not say what it divides by.
fn reads_own_key(rule: &Json) -> bool {
    match rule {
        Json::Null | Json::Bool(_) | Json::Int(_) | Json::Float(_) => false,
        Json::Text(text) => text == "$flagd" || text == "$flagd.flagKey",
        Json::List(items) => items.iter().any(reads_own_key),
        Json::Map(members) => members.iter().any(|(name, value)| {
            let shorthand = name == "fractional"
                && !matches!(value, Json::List(items) if matches!(items.first(), Some(Json::Map(_) | Json::Text(_))));
            shorthand || reads_own_key(value)
        }),
    }
}
