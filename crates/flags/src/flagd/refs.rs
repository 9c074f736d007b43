//! `$evaluators`: rules with a name, which others refer to by `{"$ref": "name"}`. They are written out where they are referred
//! to. One that refers to another is refused: engines differ on it.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use crate::json::Json;
use crate::limits::{DEPTH, VALUES};
use crate::problem::{Place, Problem};

pub(crate) const REF: &str = "$ref";

/// The named rules of a document.
pub(crate) struct Refs<'d> {
    rules: &'d [(alloc::string::String, Json)],
}

impl<'d> Refs<'d> {
    pub(crate) fn of(document: &'d Json) -> Result<Self, Problem> {
        match document.get("$evaluators") {
            None | Some(Json::Null) => Ok(Refs { rules: &[] }),
            Some(Json::Map(rules)) => Ok(Refs { rules }),
            Some(other) => Err(Place::ROOT
                .member("$evaluators")
                .problem(format!("is an object, not {}", other.noun()), "give each rule a name")),
        }
    }

    /// `rule` without references.
    pub(crate) fn write_out(&self, rule: &Json, place: &Place<'_>) -> Result<Json, Problem> {
        let mut left = VALUES;
        self.walk(rule, place, DEPTH, false, &mut left)
    }

    fn walk(
        &self,
        json: &Json,
        place: &Place<'_>,
        levels: usize,
        inside: bool,
        left: &mut usize,
    ) -> Result<Json, Problem> {
        *left = left.checked_sub(1).ok_or_else(|| {
            place.problem(format!("the rule has more than {VALUES} parts"), "divide it between several flags")
        })?;
        let deeper = || {
            levels
                .checked_sub(1)
                .ok_or_else(|| place.problem(format!("lies deeper than {DEPTH} levels"), "split the rule"))
        };
        match json {
            Json::Map(members) => match members.as_slice() {
                [(name, Json::Text(wanted))] if name == REF => {
                    if inside {
                        return Err(place.problem("an evaluator refers to another one", "write it out"));
                    }
                    let rule = self.rules.iter().find(|(known, _)| known == wanted).ok_or_else(|| {
                        place.problem(format!("there is no evaluator `{wanted}`"), "define it under `$evaluators`")
                    })?;
                    self.walk(&rule.1, place, deeper()?, true, left)
                }
                members => {
                    let levels = deeper()?;
                    let walked = members.iter().map(|(name, value)| {
                        Ok((name.to_string(), self.walk(value, &place.member(name), levels, inside, left)?))
                    });
                    Ok(Json::Map(walked.collect::<Result<Vec<_>, Problem>>()?))
                }
            },
            Json::List(items) => {
                let levels = deeper()?;
                let walked =
                    items.iter().enumerate().map(|(i, item)| self.walk(item, &place.item(i), levels, inside, left));
                Ok(Json::List(walked.collect::<Result<Vec<_>, Problem>>()?))
            }
            Json::Null | Json::Bool(_) | Json::Int(_) | Json::Float(_) | Json::Text(_) => Ok(json.clone()),
        }
    }
}
