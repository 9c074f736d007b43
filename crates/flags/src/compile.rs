//! From our own words to flagd's: conditions, segments, splits and prerequisites become one rule that any client can evaluate.
//! Only operators that all engines agree on are used, each guarded so that a value of another type matches nothing.

mod condition;
mod prerequisite;

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::flagd::{Entry, as_declared};
use crate::json::Json;
use crate::limits::VALUES;
use crate::model::{Condition, Decision, Flag, Rule, Segment, Serve, Shelf, Split};
use crate::problem::{Place, Problem};
use crate::program::Layout;
use crate::set::Reason;

/// A flag in flagd's words, and what its parts were.
pub(crate) struct Compiled {
    pub(crate) entry: Entry,
    pub(crate) layout: Layout,
    /// What flagd's words cannot say: that the flag is off and still says something.
    pub(crate) fixed: Option<Reason>,
}

/// The flag with this key, as it is in `channel`.
///
/// # Errors
/// What cannot be said, or not be found.
pub(crate) fn compile(shelf: &Shelf, channel: &str, key: &str) -> Result<Compiled, Problem> {
    let compiler = Compiler::new(shelf, channel);
    let flag = compiler.find(key, &Place::ROOT.member("flags").member(key))?;
    compile_flag(shelf, channel, flag)
}

/// `flag`, as it is in `channel`, whatever the shelf has under its key.
pub(crate) fn compile_flag<'s>(shelf: &'s Shelf, channel: &'s str, flag: &'s Flag) -> Result<Compiled, Problem> {
    Compiler::new(shelf, channel).flag(flag, &Place::ROOT.member("flags").member(&flag.key))
}

/// Whether a segment can be written out.
pub(crate) fn segment<'s>(shelf: &'s Shelf, segment: &'s Segment, place: &Place<'_>) -> Result<Json, Problem> {
    let mut compiler = Compiler::new(shelf, "");
    compiler.open.insert((Kind::Segment, &segment.name));
    compiler.condition(&segment.when, &place.member("when"), 0)
}

/// One condition without segments, as it is written into rules.
pub(crate) fn alone(when: &Condition) -> Result<Json, Problem> {
    let shelf = Shelf::default();
    Compiler::new(&shelf, "").condition(when, &Place::ROOT, 0)
}

/// How far the writing of one flag has come.
pub(crate) struct Compiler<'s> {
    shelf: &'s Shelf,
    channel: &'s str,
    /// How many more values the rule may have.
    left: usize,
    /// The flags and segments that are being written out: whoever meets one again goes in a circle.
    open: BTreeSet<(Kind, &'s str)>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Flag,
    Segment,
}

impl<'s> Compiler<'s> {
    const fn new(shelf: &'s Shelf, channel: &'s str) -> Self {
        Compiler { shelf, channel, left: VALUES, open: BTreeSet::new() }
    }

    fn find(&self, key: &str, place: &Place<'_>) -> Result<&'s Flag, Problem> {
        self.shelf.flags.get(key).filter(|flag| !flag.archived).ok_or_else(|| {
            place.problem(alloc::format!("there is no flag `{key}`"), "create it, or take it out of the archive")
        })
    }

    fn flag(&mut self, flag: &'s Flag, place: &Place<'_>) -> Result<Compiled, Problem> {
        let state = flag.channels.get(self.channel);
        let mut compiled = Compiled {
            entry: Entry {
                enabled: true,
                value_type: flag.value_type,
                variants: flag.variants.iter().map(|v| as_declared(v.clone(), flag.value_type)).collect(),
                default: None,
                targeting: None,
                metadata: flag.metadata.clone(),
            },
            layout: Layout::Logic,
            fixed: None,
        };
        let Some(state) = state.filter(|state| state.on) else {
            self.off(flag, state.map(|state| &state.decision), &mut compiled);
            return Ok(compiled);
        };
        match &state.decision {
            Decision::Logic { targeting, default } => {
                let unmet = self.unmet(flag, place)?;
                compiled.entry.default.clone_from(default);
                compiled.entry.targeting = match (unmet, targeting) {
                    (Unmet::Never, targeting) => targeting.clone(),
                    (Unmet::Always, _) => {
                        self.off(flag, None, &mut compiled);
                        return Ok(compiled);
                    }
                    (Unmet::When(_), _) => {
                        return Err(place.problem(
                            "a flag with a rule of flagd's cannot have prerequisites",
                            "write the rule in Tidegate's words, or put the condition into it",
                        ));
                    }
                };
            }
            Decision::Rules { rules, otherwise } => match self.unmet(flag, place)? {
                Unmet::Always => self.off(flag, None, &mut compiled),
                Unmet::Never => self.rules(flag, None, rules, otherwise, &mut compiled)?,
                Unmet::When(condition) => self.rules(flag, Some(condition), rules, otherwise, &mut compiled)?,
            },
        }
        Ok(compiled)
    }

    /// Off: one variant for everybody, or flagd's own "disabled", which keeps a rule of flagd's as it is.
    fn off(&self, flag: &Flag, decision: Option<&Decision>, compiled: &mut Compiled) {
        compiled.fixed = Some(Reason::Disabled);
        compiled.entry.enabled = flag.off.is_some();
        compiled.entry.default.clone_from(&flag.off);
        if let (None, Some(Decision::Logic { targeting, default })) = (&flag.off, decision) {
            compiled.entry.default.clone_from(default);
            compiled.entry.targeting.clone_from(targeting);
        }
    }

    fn rules(
        &mut self,
        flag: &'s Flag,
        unmet: Option<Json>,
        rules: &'s [Rule],
        otherwise: &Serve,
        compiled: &mut Compiled,
    ) -> Result<(), Problem> {
        let place = Place::ROOT.member("flags");
        let place = place.member(&flag.key);
        let place = place.member("channels");
        let place = place.member(self.channel);
        let place = place.member("decision");
        let place = place.member("rules");
        let place = place.member("rules");
        // `null` is how a rule says "the default variant", and with no default variant, "the default in the code". Where both
        // are needed, the rule names the variant instead.
        let guarded = unmet.is_some();
        let needs_code_default =
            rules.iter().any(|rule| rule.serve == Serve::CodeDefault) || (guarded && flag.off.is_none());
        let default = default_of(flag, otherwise);
        let fallback = if needs_code_default { name_or_null(default.as_deref()) } else { Json::Null };
        let mut arms = Vec::new();
        if let Some(unmet) = unmet {
            arms.push(unmet);
            arms.push(name_or_null(flag.off.as_deref()));
        }
        let mut splits = Vec::new();
        for (i, rule) in rules.iter().enumerate() {
            arms.push(self.condition(&rule.when, &place.item(i).member("when"), 0)?);
            arms.push(self.serve(flag, &rule.serve, &fallback, &place)?);
            splits.push(matches!(rule.serve, Serve::Split(_)));
        }
        splits.push(matches!(otherwise, Serve::Split(_)));
        match otherwise {
            Serve::Split(_) => arms.push(self.serve(flag, otherwise, &fallback, &place)?),
            Serve::Variant(name) if needs_code_default => arms.push(Json::from(name.as_str())),
            Serve::Variant(_) | Serve::CodeDefault => {}
        }
        compiled.entry.default = if needs_code_default { None } else { default };
        (compiled.entry.targeting, compiled.layout) = match arms.len() {
            0 => (None, Layout::Logic),
            1 => (arms.pop(), Layout::Split),
            _ => (Some(operator("if", arms)), Layout::Rules { guarded, splits }),
        };
        Ok(())
    }

    fn serve(&mut self, flag: &Flag, serve: &Serve, fallback: &Json, place: &Place<'_>) -> Result<Json, Problem> {
        match serve {
            Serve::Variant(name) => Ok(Json::from(name.as_str())),
            Serve::CodeDefault => Ok(Json::Null),
            Serve::Split(split) => {
                self.spend(20 + 3 * split.weights.len(), place)?;
                Ok(divide(flag, split, fallback.clone()))
            }
        }
    }

    fn spend(&mut self, values: usize, place: &Place<'_>) -> Result<(), Problem> {
        self.left = self.left.checked_sub(values).ok_or_else(|| {
            place.problem(
                alloc::format!("the rule, with all that it rests on, has more than {VALUES} parts"),
                "let it rest on fewer flags and segments",
            )
        })?;
        Ok(())
    }
}

/// Whether a flag's prerequisites fail.
pub(crate) enum Unmet {
    Never,
    Always,
    When(Json),
}

/// The variant for whom nothing else is said.
pub(crate) fn default_of(flag: &Flag, otherwise: &Serve) -> Option<String> {
    match otherwise {
        Serve::Variant(name) => Some(name.clone()),
        Serve::CodeDefault => None,
        Serve::Split(_) => flag.off.clone(),
    }
}

/// Users divided; who has no text to be known by gets the fallback.
fn divide(flag: &Flag, split: &Split, fallback: Json) -> Json {
    let by = || var(&split.by);
    let known = operator(
        "and",
        vec![operator("starts_with", vec![by(), Json::from("")]), operator("!==", vec![by(), Json::from("")])],
    );
    let salt = split.salt.as_deref().unwrap_or(&flag.key);
    let hashed = operator("cat", vec![Json::from(salt), Json::from(":"), by()]);
    let shares = split
        .weights
        .iter()
        .map(|share| Json::List(vec![Json::from(share.variant.as_str()), Json::Int(i64::from(share.weight))]));
    let fractional = operator("fractional", core::iter::once(hashed).chain(shares).collect());
    operator("if", vec![known, fractional, fallback])
}

pub(crate) fn operator(name: &str, arguments: Vec<Json>) -> Json {
    Json::Map(vec![(name.into(), Json::List(arguments))])
}

pub(crate) fn var(attribute: &str) -> Json {
    Json::Map(vec![("var".into(), Json::from(attribute))])
}

fn name_or_null(name: Option<&str>) -> Json {
    name.map_or(Json::Null, Json::from)
}
