//! Conditions as JSONLogic. Engines turn a text into a number, and nothing into 0, when they compare; we do not, so each question
//! about a number or a text asks first what it is asked of. (`true` is 1 to them all, and stays so.)

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use super::{Compiler, Kind, operator, var};
use crate::json::Json;
use crate::limits::{DEPTH, WHOLE_NUMBER};
use crate::model::{Comparison, Condition};
use crate::problem::{Place, Problem};
use crate::sem_ver::{OPERATORS, Version};

/// Each condition lies in an object and an array.
const LEVELS: usize = DEPTH / 2;

impl<'s> Compiler<'s> {
    pub(super) fn condition(&mut self, when: &'s Condition, place: &Place<'_>, depth: usize) -> Result<Json, Problem> {
        if depth > LEVELS {
            return Err(place.problem(format!("lies deeper than {LEVELS} levels"), "flatten the condition"));
        }
        self.spend(12, place)?;
        match when {
            Condition::All(parts) => self.several("and", parts, true, &place.member("all"), depth),
            Condition::Any(parts) => self.several("or", parts, false, &place.member("any"), depth),
            Condition::Not(part) => Ok(operator("!", vec![self.condition(part, &place.member("not"), depth + 1)?])),
            Condition::Is { attribute, one_of } => {
                let place = place.member("is");
                self.spend(one_of.len(), &place)?;
                is(named(attribute, &place)?, one_of, &place.member("one_of"))
            }
            Condition::Compare { attribute, op, number } => {
                let place = place.member("compare");
                let attribute = named(attribute, &place)?;
                let number = self.number(*number, &place.member("number"))?;
                Ok(operator(
                    "and",
                    vec![
                        operator("!==", vec![var(attribute), Json::Null]),
                        operator("!", vec![is_text(attribute)]),
                        operator(sign(*op), vec![var(attribute), number]),
                    ],
                ))
            }
            Condition::StartsWith { attribute, text } => {
                let attribute = named(attribute, &place.member("starts_with"))?;
                Ok(operator("starts_with", vec![var(attribute), Json::from(text.as_str())]))
            }
            Condition::EndsWith { attribute, text } => {
                let attribute = named(attribute, &place.member("ends_with"))?;
                Ok(operator("ends_with", vec![var(attribute), Json::from(text.as_str())]))
            }
            Condition::Contains { attribute, text } => {
                let attribute = named(attribute, &place.member("contains"))?;
                let contains = operator("in", vec![Json::from(text.as_str()), var(attribute)]);
                Ok(operator("and", vec![is_text(attribute), contains]))
            }
            Condition::Version { attribute, op, version } => {
                let place = place.member("version");
                let attribute = named(attribute, &place)?;
                if !OPERATORS.contains(&op.as_str()) {
                    let hint = format!("use one of {}", OPERATORS.join(" "));
                    return Err(place.member("op").problem(format!("`{op}` compares no versions"), &hint));
                }
                if Version::read(version).is_none() {
                    return Err(place
                        .member("version")
                        .problem(format!("`{version}` is no version"), "write it as 1.2.3"));
                }
                Ok(operator("sem_ver", vec![var(attribute), Json::from(op.as_str()), Json::from(version.as_str())]))
            }
            Condition::Present { attribute } => {
                let attribute = named(attribute, &place.member("present"))?;
                Ok(operator("!==", vec![var(attribute), Json::Null]))
            }
            Condition::Segment { name } => self.segment(name, &place.member("segment"), depth),
        }
    }

    fn several(
        &mut self,
        name: &str,
        parts: &'s [Condition],
        of_none: bool,
        place: &Place<'_>,
        depth: usize,
    ) -> Result<Json, Problem> {
        let parts = parts.iter().enumerate().map(|(i, part)| self.condition(part, &place.item(i), depth + 1));
        let mut parts: Vec<Json> = parts.collect::<Result<_, _>>()?;
        Ok(match parts.len() {
            0 => Json::Bool(of_none),
            1 => parts.swap_remove(0),
            _ => operator(name, parts),
        })
    }

    fn segment(&mut self, name: &'s str, place: &Place<'_>, depth: usize) -> Result<Json, Problem> {
        let segment =
            self.shelf.segments.get(name).ok_or_else(|| {
                place.problem(format!("there is no segment `{name}`"), "create it, or name another one")
            })?;
        if !self.open.insert((Kind::Segment, name)) {
            return Err(place.problem(
                format!("the segment `{name}` rests on itself"),
                "take one of the segments out of the circle",
            ));
        }
        let written = self.condition(&segment.when, place, depth + 1);
        self.open.remove(&(Kind::Segment, name));
        written
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "the range was compared")]
    fn number(&self, number: f64, place: &Place<'_>) -> Result<Json, Problem> {
        if !number.is_finite() {
            return Err(place.problem("the number is not finite", "write one that is"));
        }
        let whole = number % 1.0 == 0.0 && (-(WHOLE_NUMBER as f64)..=WHOLE_NUMBER as f64).contains(&number);
        Ok(if whole { Json::Int(number as i64) } else { Json::Float(number) })
    }
}

/// Whether the attribute is one of these. Texts are looked up together, the others one by one.
fn is(attribute: &str, one_of: &[Json], place: &Place<'_>) -> Result<Json, Problem> {
    let mut texts = Vec::new();
    let mut parts = Vec::new();
    for (i, value) in one_of.iter().enumerate() {
        match value {
            Json::Text(_) => texts.push(value.clone()),
            Json::Bool(_) | Json::Int(_) | Json::Float(_) => {
                parts.push(operator("===", vec![var(attribute), value.clone()]));
            }
            Json::Null | Json::List(_) | Json::Map(_) => {
                return Err(place.item(i).problem(
                    format!("an attribute is compared with {}", value.noun()),
                    "compare it with strings, numbers or booleans",
                ));
            }
        }
    }
    match texts.len() {
        0 => {}
        1 => parts.insert(0, operator("===", vec![var(attribute), texts.swap_remove(0)])),
        _ => parts.insert(0, operator("in", vec![var(attribute), Json::List(texts)])),
    }
    Ok(match parts.len() {
        0 => Json::Bool(false),
        1 => parts.swap_remove(0),
        _ => operator("or", parts),
    })
}

/// Everything is the beginning of a text; of what is no text nothing is.
fn is_text(attribute: &str) -> Json {
    operator("starts_with", vec![var(attribute), Json::from("")])
}

/// An attribute's name as `var` takes it: dots lead into objects.
fn named<'a>(attribute: &'a str, place: &Place<'_>) -> Result<&'a str, Problem> {
    if attribute.is_empty() || attribute.split('.').any(str::is_empty) {
        return Err(place.member("attribute").problem("an attribute has no name", "name it; dots lead into objects"));
    }
    Ok(attribute)
}

const fn sign(op: Comparison) -> &'static str {
    match op {
        Comparison::Less => "<",
        Comparison::AtMost => "<=",
        Comparison::AtLeast => ">=",
        Comparison::More => ">",
    }
}
