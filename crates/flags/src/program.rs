//! One flag, ready to answer.

use alloc::string::String;
use alloc::vec::Vec;

use crate::context::Context;
use crate::datum::Datum;
use crate::evaluate::{Frame, Scope};
use crate::flagd::Entry;
use crate::fractional::Bucketing;
use crate::json::Json;
use crate::logic::{Node, Reader};
use crate::model::{ValueType, Variant};
use crate::problem::{Place, Problem};
use crate::set::{EvaluationError, Reason};

/// One flag, ready to answer.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) key: String,
    pub(crate) value_type: ValueType,
    pub(crate) variants: Vec<Variant>,
    /// The set's, then the flag's own.
    pub(crate) metadata: Vec<(String, Json)>,
    pub(crate) own_from: usize,
    pub(crate) answer: Answer,
}

/// How it answers.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// Always so.
    Fixed { variant: Option<usize>, reason: Reason },
    /// By a rule.
    Rule { root: Node, default: Option<usize>, layout: Layout },
    /// Not at all.
    Broken(Problem),
}

/// What the arms of the outermost `if` are.
#[derive(Clone, Debug)]
pub(crate) enum Layout {
    /// Whoever wrote the rule knows.
    Logic,
    /// Ours.
    Rules {
        /// Whether the first arm is for whom the prerequisites are not met.
        guarded: bool,
        /// Of each rule, and then of what is left, whether it divides users.
        splits: Vec<bool>,
    },
    /// Ours, with no rule and no prerequisite: the whole is what everybody gets, and it divides users.
    Split,
}

/// Which variant, why, and by which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) variant: Option<usize>,
    pub(crate) reason: Reason,
    pub(crate) rule: Option<u32>,
}

impl Program {
    /// The program of a flag in flagd's words.
    pub(crate) fn new(key: &str, entry: &Entry, layout: Layout, place: &Place<'_>) -> Self {
        let at = |name: &String| entry.variants.iter().position(|variant| variant.name == *name);
        let default = entry.default.as_ref().and_then(at);
        let answer = match &entry.targeting {
            _ if !entry.enabled => Answer::Fixed { variant: None, reason: Reason::Disabled },
            None => Answer::Fixed { variant: default, reason: default.map_or(Reason::Default, |_| Reason::Static) },
            Some(rule) => match Reader::new().read(rule, &place.member("targeting"), 0) {
                Ok(root) => Answer::Rule { root, default, layout },
                Err(problem) => Answer::Broken(problem),
            },
        };
        Program {
            key: key.into(),
            value_type: entry.value_type,
            variants: entry.variants.clone(),
            metadata: entry.metadata.clone(),
            own_from: 0,
            answer,
        }
    }

    /// A flag that cannot answer.
    pub(crate) fn broken(key: &str, problem: Problem) -> Self {
        Program {
            key: key.into(),
            value_type: ValueType::Boolean,
            variants: Vec::new(),
            metadata: Vec::new(),
            own_from: 0,
            answer: Answer::Broken(problem),
        }
    }

    pub(crate) fn choose(&self, context: &Context<'_>, bucketing: Bucketing) -> Result<Choice, EvaluationError> {
        match &self.answer {
            Answer::Fixed { variant, reason } => Ok(Choice { variant: *variant, reason: *reason, rule: None }),
            Answer::Broken(_) => Err(EvaluationError::ParseError),
            Answer::Rule { root, default, layout } => {
                let frame = Frame { context, flag: &self.key, bucketing };
                match (layout, root) {
                    (Layout::Rules { guarded, splits }, Node::If(arms)) => {
                        self.by_rules(&frame, arms, *default, *guarded, splits)
                    }
                    (Layout::Split, root) => self.by_serving(&frame, root, *default, None, true),
                    (Layout::Rules { .. } | Layout::Logic, root) => {
                        let result = frame.work_out(root, Scope::Whole);
                        self.choice(&result, *default, Reason::TargetingMatch, None)
                    }
                }
            }
        }
    }

    fn by_rules<'v>(
        &'v self,
        frame: &Frame<'v>,
        arms: &'v [Node],
        default: Option<usize>,
        guarded: bool,
        splits: &[bool],
    ) -> Result<Choice, EvaluationError> {
        let rules = splits.len().saturating_sub(1);
        let Some((at, arm)) = frame.choose(arms, Scope::Whole).and_then(|at| Some((at, arms.get(at)?))) else {
            return Ok(Choice { variant: default, reason: Reason::Default, rule: None });
        };
        // Results stand at odd places, and the last one, if nothing matched, at an even one.
        let rule = match (guarded, at / 2) {
            (true, 0) => {
                let result = frame.work_out(arm, Scope::Whole);
                return Ok(Choice { reason: Reason::Disabled, ..self.choice(&result, None, Reason::Disabled, None)? });
            }
            (true, number) => number - 1,
            (false, number) => number,
        };
        let split = splits.get(rule).copied().unwrap_or(false);
        let rule = if rule < rules { u32::try_from(rule).ok() } else { None };
        self.by_serving(frame, arm, default, rule, split)
    }

    /// What one of our own results comes to. A split is an `if`, whose first arm is for those who can be divided.
    fn by_serving<'v>(
        &'v self,
        frame: &Frame<'v>,
        arm: &'v Node,
        default: Option<usize>,
        rule: Option<u32>,
        split: bool,
    ) -> Result<Choice, EvaluationError> {
        let (result, reason) = match (arm, split) {
            (Node::If(sides), true) => {
                let side = frame.choose(sides, Scope::Whole);
                let result =
                    side.and_then(|at| sides.get(at)).map_or(Datum::Null, |side| frame.work_out(side, Scope::Whole));
                (result, if side == Some(1) { Reason::Split } else { Reason::Default })
            }
            (arm, _) => {
                let reason = if rule.is_none() { Reason::Default } else { Reason::TargetingMatch };
                (frame.work_out(arm, Scope::Whole), reason)
            }
        };
        self.choice(&result, default, reason, rule)
    }

    /// The variant that a result names: `null` is the default, and a boolean or a number is the name that it is written as.
    fn choice(
        &self,
        result: &Datum<'_>,
        default: Option<usize>,
        reason: Reason,
        rule: Option<u32>,
    ) -> Result<Choice, EvaluationError> {
        let named = |name: &str| self.variants.iter().position(|variant| variant.name == name);
        let found = match result {
            Datum::Null => return Ok(Choice { variant: default, reason: Reason::Default, rule }),
            Datum::Bool(true) => named("true"),
            Datum::Bool(false) => named("false"),
            Datum::Text(text) => named(text.as_str()),
            Datum::Int(_) | Datum::Float(_) => named(result.clone().into_text().as_str()),
            Datum::Given(_) | Datum::Written(_) | Datum::List(_) | Datum::Map(_) => None,
        };
        found.map_or(Err(EvaluationError::General), |at| Ok(Choice { variant: Some(at), reason, rule }))
    }
}
