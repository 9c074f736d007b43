//! Why a flag says what it says to one user: every rule, whether it matched, and what it failed on. As data: the command line, the
//! server and the console tell it each in its own way. Each question is put to the same code that answers clients.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::bucket::position;
use crate::check::as_if_on;
use crate::compile::alone;
use crate::context::Context;
use crate::datum::Datum;
use crate::evaluate::{Frame, Scope};
use crate::json::Json;
use crate::limits::DEPTH;
use crate::logic::{Node, Reader, path};
use crate::model::{Condition, Decision, Flag, Serve, Split, WHOLE};
use crate::problem::Place;
use crate::set::{EvaluationError, FlagSet, Outcome, Source};

/// Why a flag says what it says to one user.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation<'s> {
    /// What it says.
    pub outcome: Result<Outcome<'s>, EvaluationError>,
    /// Whether it is on in the channel.
    pub on: bool,
    /// The flags that it rests on.
    pub prerequisites: Vec<PrerequisiteStep>,
    /// Its rules, in order; none if it goes by a rule of flagd's.
    pub rules: Vec<RuleStep>,
    /// How the split that decided divided users, if one did.
    pub split: Option<SplitStep>,
}

/// A flag that another one rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrerequisiteStep {
    /// Its key.
    pub flag: String,
    /// The variants that are good.
    pub wanted: Vec<String>,
    /// The variant that it gives; nothing if it gives none.
    pub got: Option<String>,
    /// Whether that is good.
    pub met: bool,
}

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleStep {
    /// Its name.
    pub name: String,
    /// Whether it matches this user, be it asked or not.
    pub matches: bool,
    /// Whether it was asked: those after the one that decided are not.
    pub asked: bool,
    /// What it failed on: the smallest conditions that would have to be otherwise.
    pub failed: Vec<Failure>,
}

/// A condition that was not as its rule needs it.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The condition.
    pub condition: Condition,
    /// What it had to come to: false below a "not".
    pub wanted: bool,
    /// The segments that it stands in, the outermost first.
    pub segments: Vec<String>,
    /// The attribute that it asks for.
    pub attribute: Option<String>,
    /// What the context has there; nothing if it has nothing.
    pub actual: Option<Json>,
}

/// Where a split put the user.
#[derive(Clone, Debug, PartialEq)]
pub struct SplitStep {
    /// The attribute that says who is the same user.
    pub by: String,
    /// What keeps the split apart from others.
    pub salt: String,
    /// What the context has as this attribute.
    pub actual: Option<Json>,
    /// The user's place on a line of [`WHOLE`]; nothing if the attribute is no text, or empty.
    pub bucket: Option<u32>,
    /// The variants with the end of each one's part of the line.
    pub ends: Vec<(String, u32)>,
}

impl FlagSet {
    /// Why the flag says what it says to this user.
    ///
    /// # Errors
    /// There is no such flag.
    pub fn explain<'s>(&'s self, key: &str, context: &Context<'_>) -> Result<Explanation<'s>, EvaluationError> {
        let program = self.program(key).ok_or(EvaluationError::FlagNotFound)?;
        let outcome = self.evaluate(key, context);
        let mut explanation =
            Explanation { outcome, on: true, prerequisites: Vec::new(), rules: Vec::new(), split: None };
        let Some((source, flag)) = self.source.as_ref().and_then(|source| Some((source, source.shelf.flags.get(key)?)))
        else {
            return Ok(explanation);
        };
        explanation.on = flag.is_on(&source.channel);
        explanation.prerequisites = self.prerequisites(flag, context);
        // What does not compile may go in circles.
        if as_if_on(&source.shelf, flag, &source.channel).is_some() {
            return Ok(explanation);
        }
        let met = explanation.prerequisites.iter().all(|step| step.met);
        let asker = Asker { source, frame: Frame { context, flag: &program.key, bucketing: self.bucketing() } };
        let Some(Decision::Rules { rules, otherwise }) =
            flag.channels.get(&source.channel).map(|state| &state.decision)
        else {
            return Ok(explanation);
        };
        let mut decided = None;
        for rule in rules {
            let mut failed = Vec::new();
            let matches = asker.ask(&rule.when, true, &mut Vec::new(), &mut failed);
            let asked = explanation.on && met && decided.is_none();
            if asked && matches {
                decided = Some(&rule.serve);
            }
            explanation.rules.push(RuleStep { name: rule.name.clone(), matches, asked, failed });
        }
        if explanation.on
            && met
            && let Serve::Split(split) = decided.unwrap_or(otherwise)
        {
            explanation.split = Some(asker.divide(flag, split));
        }
        Ok(explanation)
    }

    fn prerequisites(&self, flag: &Flag, context: &Context<'_>) -> Vec<PrerequisiteStep> {
        let step = |wanted: &crate::model::Prerequisite| {
            let got = self.evaluate(&wanted.flag, context).ok().and_then(|outcome| outcome.variant);
            let met = got.is_some_and(|got| wanted.variants.iter().any(|name| name == got));
            PrerequisiteStep {
                flag: wanted.flag.clone(),
                wanted: wanted.variants.clone(),
                got: got.map(ToOwned::to_owned),
                met,
            }
        };
        flag.prerequisites.iter().map(step).collect()
    }
}

struct Asker<'v> {
    source: &'v Source,
    frame: Frame<'v>,
}

impl Asker<'_> {
    /// Whether a condition comes to what is wanted; if not, what is to blame goes to `failed`.
    fn ask(&self, when: &Condition, wanted: bool, inside: &mut Vec<String>, failed: &mut Vec<Failure>) -> bool {
        match (when, wanted) {
            (Condition::Not(part), wanted) => self.ask(part, !wanted, inside, failed),
            (Condition::All(parts), true) | (Condition::Any(parts), false) => {
                // The first that fails is what a person has to mend first.
                parts.iter().all(|part| self.ask(part, wanted, inside, failed))
            }
            (Condition::All(parts), false) | (Condition::Any(parts), true) => {
                let mut tried = Vec::new();
                let found = parts.iter().any(|part| self.ask(part, wanted, inside, &mut tried));
                if !found {
                    if parts.is_empty() {
                        failed.push(self.failure(when, wanted, inside));
                    }
                    failed.append(&mut tried);
                }
                found
            }
            (Condition::Segment { name }, wanted) => {
                let Some(segment) = self.source.shelf.segments.get(name) else { return false };
                inside.push(name.clone());
                let is = self.ask(&segment.when, wanted, inside, failed);
                inside.pop();
                is
            }
            (
                Condition::Is { .. }
                | Condition::Compare { .. }
                | Condition::StartsWith { .. }
                | Condition::EndsWith { .. }
                | Condition::Contains { .. }
                | Condition::Version { .. }
                | Condition::Present { .. },
                wanted,
            ) => {
                let is = self.holds(when) == wanted;
                if !is {
                    failed.push(self.failure(when, wanted, inside));
                }
                is
            }
        }
    }

    fn holds(&self, when: &Condition) -> bool {
        let Ok(json) = alone(when) else { return false };
        let Ok(node) = Reader::new().read(&json, &Place::ROOT, 0) else { return false };
        let context = *self.frame.context;
        let frame = Frame { context: &context, ..self.frame };
        frame.holds(&node, Scope::Whole)
    }

    fn failure(&self, when: &Condition, wanted: bool, inside: &[String]) -> Failure {
        let attribute = attribute_of(when);
        Failure {
            condition: when.clone(),
            wanted,
            segments: inside.to_vec(),
            attribute: attribute.map(ToOwned::to_owned),
            actual: attribute.and_then(|attribute| self.actual(attribute)),
        }
    }

    fn actual(&self, attribute: &str) -> Option<Json> {
        let node = Node::Var(alloc::boxed::Box::new(crate::logic::Var { path: path(attribute), default: None }));
        let context = *self.frame.context;
        let frame = Frame { context: &context, ..self.frame };
        match frame.work_out(&node, Scope::Whole) {
            Datum::Null => None,
            found => Some(found.into_json(DEPTH)),
        }
    }

    fn divide(&self, flag: &Flag, split: &Split) -> SplitStep {
        let salt = split.salt.clone().unwrap_or_else(|| flag.key.clone());
        let actual = self.actual(&split.by);
        let bucket = actual
            .as_ref()
            .and_then(Json::text)
            .filter(|text| !text.is_empty())
            .map(|text| position(self.frame.bucketing.hash_of(&[&salt, ":", text]), WHOLE));
        let mut end = 0_u32;
        let ends = split.weights.iter().map(|share| {
            end = end.saturating_add(share.weight);
            (share.variant.clone(), end)
        });
        SplitStep { by: split.by.clone(), salt, actual, bucket, ends: ends.collect() }
    }
}

fn attribute_of(when: &Condition) -> Option<&str> {
    match when {
        Condition::Is { attribute, .. }
        | Condition::Compare { attribute, .. }
        | Condition::StartsWith { attribute, .. }
        | Condition::EndsWith { attribute, .. }
        | Condition::Contains { attribute, .. }
        | Condition::Version { attribute, .. }
        | Condition::Present { attribute } => Some(attribute),
        Condition::All(_) | Condition::Any(_) | Condition::Not(_) | Condition::Segment { .. } => None,
    }
}
