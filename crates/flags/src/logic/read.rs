//! From JSON to the tree.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::cmp::Ordering::{Greater, Less};

use super::{Affix, Arithmetic, Each, Equality, Node, Order, Ordering, Path, Var};
use crate::fractional::Fractional;
use crate::json::Json;
use crate::limits::{DEPTH, VALUES};
use crate::model::TARGETING_KEY;
use crate::problem::{Place, Problem};
use crate::sem_ver::SemVer;

/// Every operator that is understood.
pub(crate) const OPERATORS: [&str; 37] = [
    "var",
    "if",
    "?:",
    "and",
    "or",
    "!",
    "!!",
    "==",
    "!=",
    "===",
    "!==",
    "<",
    "<=",
    ">",
    ">=",
    "in",
    "cat",
    "substr",
    "+",
    "-",
    "*",
    "/",
    "%",
    "min",
    "max",
    "missing",
    "missing_some",
    "merge",
    "map",
    "filter",
    "all",
    "some",
    "none",
    "reduce",
    "starts_with",
    "ends_with",
    "sem_ver",
];

/// Reads one rule, and counts what it reads.
pub(crate) struct Reader {
    left: usize,
}

impl Reader {
    pub(crate) const fn new() -> Self {
        Reader { left: VALUES }
    }

    /// The tree of `json`.
    ///
    /// # Errors
    /// The first part that cannot be understood.
    pub(crate) fn read(&mut self, json: &Json, place: &Place<'_>, depth: usize) -> Result<Node, Problem> {
        if depth > DEPTH {
            return Err(place.problem(
                format!("lies deeper than {DEPTH} levels"),
                "split the rule, or name parts of it as segments",
            ));
        }
        self.left = self.left.checked_sub(1).ok_or_else(|| {
            place.problem(format!("the rule has more than {VALUES} parts"), "divide it between several flags")
        })?;
        match json {
            Json::List(items) => {
                let nodes = self.all(items, place, depth)?;
                Ok(if nodes.iter().all(|node| matches!(node, Node::Const(_))) {
                    Node::Const(json.clone())
                } else {
                    Node::List(nodes)
                })
            }
            Json::Map(members) => match members.as_slice() {
                [(operator, arguments)] => {
                    let at = place.member(operator);
                    match arguments {
                        Json::List(items) => self.operator(operator, items, &at, depth + 1),
                        Json::Null | Json::Bool(_) | Json::Int(_) | Json::Float(_) | Json::Text(_) | Json::Map(_) => {
                            self.operator(operator, core::slice::from_ref(arguments), &at, depth)
                        }
                    }
                }
                // Not one member: a value, not a rule. It is kept whole, so its depth must be known.
                several => several
                    .iter()
                    .try_for_each(|(name, value)| self.plain(value, &place.member(name), depth + 1))
                    .map(|()| Node::Const(json.clone())),
            },
            Json::Null | Json::Bool(_) | Json::Int(_) | Json::Float(_) | Json::Text(_) => Ok(Node::Const(json.clone())),
        }
    }

    fn plain(&mut self, json: &Json, place: &Place<'_>, depth: usize) -> Result<(), Problem> {
        if depth > DEPTH {
            return Err(place.problem(format!("lies deeper than {DEPTH} levels"), "flatten the value"));
        }
        match json {
            Json::List(items) => {
                items.iter().enumerate().try_for_each(|(i, item)| self.plain(item, &place.item(i), depth + 1))
            }
            Json::Map(members) => {
                members.iter().try_for_each(|(name, value)| self.plain(value, &place.member(name), depth + 1))
            }
            Json::Null | Json::Bool(_) | Json::Int(_) | Json::Float(_) | Json::Text(_) => Ok(()),
        }
    }

    pub(crate) fn all(&mut self, items: &[Json], place: &Place<'_>, depth: usize) -> Result<Vec<Node>, Problem> {
        items.iter().enumerate().map(|(i, item)| self.read(item, &place.item(i), depth + 1)).collect()
    }

    /// The argument at `index`; what is not there is `null`.
    fn nth(&mut self, items: &[Json], index: usize, place: &Place<'_>, depth: usize) -> Result<Node, Problem> {
        items.get(index).map_or(Ok(Node::Const(Json::Null)), |item| self.read(item, &place.item(index), depth + 1))
    }

    fn two(&mut self, items: &[Json], place: &Place<'_>, depth: usize) -> Result<[Node; 2], Problem> {
        Ok([self.nth(items, 0, place, depth)?, self.nth(items, 1, place, depth)?])
    }

    fn three(&mut self, items: &[Json], place: &Place<'_>, depth: usize) -> Result<[Node; 3], Problem> {
        let [first, second] = self.two(items, place, depth)?;
        Ok([first, second, self.nth(items, 2, place, depth)?])
    }

    fn operator(&mut self, name: &str, items: &[Json], place: &Place<'_>, depth: usize) -> Result<Node, Problem> {
        let equality = |strict, wanted, sides| Ok(Node::Equal(Box::new(Equality { strict, wanted, sides })));
        match name {
            "var" => self.var(items, place, depth),
            "if" | "?:" => self.all(items, place, depth).map(Node::If),
            "and" => self.all(items, place, depth).map(Node::And),
            "or" => self.all(items, place, depth).map(Node::Or),
            "!" => Ok(Node::Not(Box::new(self.nth(items, 0, place, depth)?))),
            "!!" => Ok(Node::Truth(Box::new(self.nth(items, 0, place, depth)?))),
            "==" => equality(false, true, self.two(items, place, depth)?),
            "!=" => equality(false, false, self.two(items, place, depth)?),
            "===" => equality(true, true, self.two(items, place, depth)?),
            "!==" => equality(true, false, self.two(items, place, depth)?),
            "<" => self.order(Ordering::Less, items, place, depth),
            "<=" => self.order(Ordering::AtMost, items, place, depth),
            ">" => self.order(Ordering::More, items, place, depth),
            ">=" => self.order(Ordering::AtLeast, items, place, depth),
            "in" => Ok(is_in(self.two(items, place, depth)?)),
            "cat" => self.all(items, place, depth).map(Node::Cat),
            "substr" => Ok(Node::Substr(Box::new(self.three(items, place, depth)?))),
            "+" => self.arithmetic(Arithmetic::Add, items, place, depth),
            "*" => self.arithmetic(Arithmetic::Multiply, items, place, depth),
            "min" => Ok(Node::Extreme(Less, self.all(items, place, depth)?)),
            "max" => Ok(Node::Extreme(Greater, self.all(items, place, depth)?)),
            "-" => Ok(Node::Arithmetic(Arithmetic::Subtract, self.two(items, place, depth)?.into())),
            "/" => Ok(Node::Arithmetic(Arithmetic::Divide, self.two(items, place, depth)?.into())),
            "%" => Ok(Node::Arithmetic(Arithmetic::Modulo, self.two(items, place, depth)?.into())),
            "missing" => self.all(items, place, depth).map(Node::Missing),
            "missing_some" => Ok(Node::MissingSome(Box::new(self.two(items, place, depth)?))),
            "merge" => self.all(items, place, depth).map(Node::Merge),
            "map" => self.each(Each::Map, items, place, depth),
            "filter" => self.each(Each::Filter, items, place, depth),
            "all" => self.each(Each::All, items, place, depth),
            "some" => self.each(Each::Some, items, place, depth),
            "none" => self.each(Each::None, items, place, depth),
            "reduce" => Ok(Node::Reduce(Box::new(self.three(items, place, depth)?))),
            "starts_with" => self.affix(Affix::Start, items, place, depth),
            "ends_with" => self.affix(Affix::End, items, place, depth),
            "sem_ver" => match self.all(items, place, depth)?.try_into() {
                Ok(three) => Ok(Node::SemVer(Box::new(SemVer::new(three)))),
                // Another number of arguments is null, and no error.
                Err(_) => Ok(Node::Const(Json::Null)),
            },
            "fractional" => Fractional::read(self, items, place, depth).map(|node| Node::Fractional(Box::new(node))),
            "$ref" => Err(place.problem(
                "refers to an evaluator that is not there",
                "define it under `$evaluators`; an evaluator cannot refer to another one",
            )),
            unknown => Err(place.problem(
                format!("`{unknown}` is no operator"),
                &format!("the operators are {} and fractional", OPERATORS.join(" ")),
            )),
        }
    }

    fn var(&mut self, items: &[Json], place: &Place<'_>, depth: usize) -> Result<Node, Problem> {
        let default = if items.len() > 1 { Some(self.nth(items, 1, place, depth)?) } else { None };
        let path = match items.first() {
            None | Some(Json::Null) => Path::Whole,
            Some(Json::Text(text)) => path(text),
            Some(Json::Int(index)) => Path::Index(*index),
            Some(json @ (Json::Bool(_) | Json::Float(_) | Json::List(_) | Json::Map(_))) => {
                return Ok(Node::VarAt(Box::new((self.read(json, &place.item(0), depth + 1)?, default))));
            }
        };
        Ok(Node::Var(Box::new(Var { path, default })))
    }

    fn order(&mut self, how: Ordering, items: &[Json], place: &Place<'_>, depth: usize) -> Result<Node, Problem> {
        let sides = self.two(items, place, depth)?;
        let third = if items.len() > 2 { Some(self.nth(items, 2, place, depth)?) } else { None };
        Ok(Node::Order(Box::new(Order { how, sides, third })))
    }

    fn arithmetic(
        &mut self,
        how: Arithmetic,
        items: &[Json],
        place: &Place<'_>,
        depth: usize,
    ) -> Result<Node, Problem> {
        Ok(Node::Arithmetic(how, self.all(items, place, depth)?))
    }

    fn each(&mut self, what: Each, items: &[Json], place: &Place<'_>, depth: usize) -> Result<Node, Problem> {
        if items.len() < 2 && what != Each::Map {
            return Ok(Node::Const(match what {
                Each::Map | Each::Filter => Json::List(Vec::new()),
                Each::All | Each::Some => Json::Bool(false),
                Each::None => Json::Bool(true),
            }));
        }
        Ok(Node::Each(what, Box::new(self.two(items, place, depth)?)))
    }

    fn affix(&mut self, which: Affix, items: &[Json], place: &Place<'_>, depth: usize) -> Result<Node, Problem> {
        let sides = self.two(items, place, depth)?;
        // Another number of arguments is null, and no error.
        Ok(if items.len() == 2 { Node::Affix(which, Box::new(sides)) } else { Node::Const(Json::Null) })
    }
}

pub(crate) fn path(text: &str) -> Path {
    match text {
        "" => Path::Whole,
        TARGETING_KEY => Path::TargetingKey,
        "$flagd.flagKey" => Path::FlagKey,
        "$flagd.timestamp" => Path::Timestamp,
        other => Path::Names(other.split('.').map(|name| name.to_string().into_boxed_str()).collect()),
    }
}

fn is_in([needle, haystack]: [Node; 2]) -> Node {
    if let Node::Const(Json::List(items)) = &haystack
        && let Some(mut texts) = items
            .iter()
            .map(|item| item.text().map(|text| text.to_owned().into_boxed_str()))
            .collect::<Option<Vec<_>>>()
    {
        texts.sort_unstable();
        return Node::InTexts(Box::new((needle, texts)));
    }
    Node::In(Box::new([needle, haystack]))
}
