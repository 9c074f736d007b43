//! Walking the tree. No part of it can fail: what an operator cannot do anything with comes to `null`, and every walk is as deep
//! as the rule that was read.

mod list;
mod var;

use alloc::string::String;
use core::cmp::Ordering;
use core::fmt::Write;

use crate::coerce::Number;
use crate::context::Context;
use crate::datum::{Datum, Text};
use crate::fractional::Bucketing;
use crate::json::Json;
use crate::logic::{Affix, Arithmetic, Node};
use crate::sem_ver::{Other, SemVer, Version, spell};

/// What one evaluation knows.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'v> {
    pub(crate) context: &'v Context<'v>,
    pub(crate) flag: &'v str,
    pub(crate) bucketing: Bucketing,
}

/// What `var` looks into.
#[derive(Clone, Copy)]
pub(crate) enum Scope<'s, 'v> {
    /// The context.
    Whole,
    /// An item of a list that is gone through.
    Item(&'s Datum<'v>),
    /// What `reduce` offers.
    Reduce { current: &'s Datum<'v>, accumulator: &'s Datum<'v> },
}

impl<'v> Frame<'v> {
    pub(crate) fn work_out(&self, node: &'v Node, scope: Scope<'_, 'v>) -> Datum<'v> {
        match node {
            Node::Const(json) => Datum::of_json(json),
            Node::Var(var) => match self.look_up(&var.path, scope) {
                Datum::Null => var.default.as_ref().map_or(Datum::Null, |default| self.work_out(default, scope)),
                found => found,
            },
            Node::If(arms) => {
                self.choose(arms, scope).and_then(|i| arms.get(i)).map_or(Datum::Null, |arm| self.work_out(arm, scope))
            }
            Node::Not(_) | Node::Truth(_) | Node::Equal(_) | Node::Order(_) | Node::InTexts(_) | Node::In(_) => {
                Datum::Bool(self.holds(node, scope))
            }
            Node::And(items) => self.first(items, scope, false),
            Node::Or(items) => self.first(items, scope, true),
            Node::Affix(which, parts) => self.affix(*which, parts, scope).map_or(Datum::Null, Datum::Bool),
            Node::Fractional(fractional) => fractional.pick(self, scope),
            Node::SemVer(sem_ver) => self.sem_ver(sem_ver, scope).map_or(Datum::Null, Datum::Bool),
            rare => self.build(rare, scope),
        }
    }

    /// The operators that build something. They stand apart so that the frame of the others stays small.
    #[inline(never)]
    fn build(&self, node: &'v Node, scope: Scope<'_, 'v>) -> Datum<'v> {
        match node {
            Node::List(items) => Datum::List(items.iter().map(|item| self.work_out(item, scope)).collect()),
            Node::VarAt(parts) => {
                let (at, default) = &**parts;
                match self.look_at(&self.work_out(at, scope), scope) {
                    Datum::Null => default.as_ref().map_or(Datum::Null, |default| self.work_out(default, scope)),
                    found => found,
                }
            }
            Node::Cat(parts) => Datum::Text(self.cat(parts, scope)),
            Node::Substr(parts) => self.substr(parts, scope),
            Node::Extreme(wanted, items) => self.extreme(items, scope, *wanted),
            Node::Arithmetic(how, items) => self.calculate(*how, items, scope).datum(),
            Node::Missing(keys) => self.missing(keys, scope),
            Node::MissingSome(parts) => self.missing_some(parts, scope),
            Node::Merge(items) => self.merge(items, scope),
            Node::Each(what, parts) => self.each(*what, parts, scope),
            Node::Reduce(parts) => self.reduce(parts, scope),
            Node::Const(_)
            | Node::Var(_)
            | Node::If(_)
            | Node::And(_)
            | Node::Or(_)
            | Node::Not(_)
            | Node::Truth(_)
            | Node::Equal(_)
            | Node::Order(_)
            | Node::In(_)
            | Node::InTexts(_)
            | Node::Affix(..)
            | Node::SemVer(_)
            | Node::Fractional(_) => self.work_out(node, scope),
        }
    }

    /// Whether a part comes to something that is true: what conditions are asked.
    pub(crate) fn holds(&self, node: &'v Node, scope: Scope<'_, 'v>) -> bool {
        match node {
            Node::Not(item) => !self.holds(item, scope),
            Node::Truth(item) => self.holds(item, scope),
            Node::And(items) => !items.is_empty() && items.iter().all(|item| self.holds(item, scope)),
            Node::Or(items) => items.iter().any(|item| self.holds(item, scope)),
            Node::Equal(equality) => {
                let [a, b] = &equality.sides;
                let (a, b) = (self.work_out(a, scope), self.work_out(b, scope));
                let equal = if equality.strict { a.equals(&b) } else { a.equals_loosely(&b) };
                equal == equality.wanted
            }
            Node::Order(order) => {
                let [a, b] = &order.sides;
                let (a, b) = (self.work_out(a, scope), self.work_out(b, scope));
                let between = || match order.third.as_ref().map(|third| self.work_out(third, scope)) {
                    None | Some(Datum::Null) => true,
                    Some(third) => b.stands(order.how, &third),
                };
                a.stands(order.how, &b) && between()
            }
            Node::InTexts(parts) => {
                let (needle, texts) = &**parts;
                match self.work_out(needle, scope) {
                    Datum::Text(text) => texts.binary_search_by(|known| (**known).cmp(text.as_str())).is_ok(),
                    _ => false,
                }
            }
            Node::In(parts) => {
                let [needle, haystack] = &**parts;
                let (needle, haystack) = (self.work_out(needle, scope), self.work_out(haystack, scope));
                haystack.holds(needle)
            }
            Node::Affix(which, parts) => self.affix(*which, parts, scope) == Some(true),
            other => self.work_out(other, scope).truth(),
        }
    }

    fn affix(&self, which: Affix, [text, affix]: &'v [Node; 2], scope: Scope<'_, 'v>) -> Option<bool> {
        match (self.work_out(text, scope), self.work_out(affix, scope)) {
            (Datum::Text(text), Datum::Text(affix)) => Some(match which {
                Affix::Start => text.as_str().starts_with(affix.as_str()),
                Affix::End => text.as_str().ends_with(affix.as_str()),
            }),
            (_, _) => None,
        }
    }

    /// What a part comes to, as a text.
    pub(crate) fn spell(&self, node: &'v Node, scope: Scope<'_, 'v>) -> Text<'v> {
        match node {
            Node::Const(Json::Text(text)) => Text::Borrowed(text),
            other => self.work_out(other, scope).into_text(),
        }
    }

    /// The place of the arm of an `if` that is taken.
    pub(crate) fn choose(&self, arms: &'v [Node], scope: Scope<'_, 'v>) -> Option<usize> {
        let mut at = 0;
        while at + 1 < arms.len() {
            if arms.get(at).is_some_and(|condition| self.holds(condition, scope)) {
                return Some(at + 1);
            }
            at += 2;
        }
        (at < arms.len()).then_some(at)
    }

    /// The first item that is as wanted, or else the last.
    fn first(&self, items: &'v [Node], scope: Scope<'_, 'v>, wanted: bool) -> Datum<'v> {
        let mut current = Datum::Null;
        for item in items {
            current = self.work_out(item, scope);
            if current.truth() == wanted {
                break;
            }
        }
        current
    }

    fn cat(&self, parts: &'v [Node], scope: Scope<'_, 'v>) -> Text<'v> {
        match parts {
            [] => Text::Borrowed(""),
            [only] => self.spell(only, scope),
            several => {
                let mut whole = String::new();
                several.iter().for_each(|part| whole.push_str(self.spell(part, scope).as_str()));
                Text::Owned(whole)
            }
        }
    }

    fn sem_ver(&self, sem_ver: &'v SemVer, scope: Scope<'_, 'v>) -> Option<bool> {
        let (version, how) = (self.work_out(&sem_ver.version, scope), self.work_out(&sem_ver.how, scope));
        match &sem_ver.other {
            Other::Known(numbers, pre) => SemVer::compare(version, &how, Version { numbers: *numbers, pre }),
            Other::Open(other) => {
                let other = spell(self.work_out(other, scope))?;
                SemVer::compare(version, &how, Version::read(other.as_str())?)
            }
        }
    }

    /// A part of a text, counted in letters. A negative start counts from the end, a negative length leaves off the end.
    fn substr(&self, [text, start, length]: &'v [Node; 3], scope: Scope<'_, 'v>) -> Datum<'v> {
        let text = self.work_out(text, scope).into_text();
        let letters = text.as_str().chars().count();
        let start = whole(self.work_out(start, scope).number()).map_or(0, |start| match usize::try_from(start) {
            Ok(start) => start.min(letters),
            Err(_) => letters.saturating_sub(magnitude(start)),
        });
        let end = match self.work_out(length, scope) {
            Datum::Null => letters,
            given => whole(given.number()).map_or(start, |length| match usize::try_from(length) {
                Ok(length) => start.saturating_add(length),
                Err(_) => letters.saturating_sub(magnitude(length)).max(start),
            }),
        };
        let mut part = String::new();
        for letter in text.as_str().chars().take(end).skip(start) {
            // Writing into a string cannot fail.
            let _written = part.write_char(letter);
        }
        Datum::Text(Text::Owned(part))
    }

    /// The item that stands so to the others; a boolean stays one.
    fn extreme(&self, items: &'v [Node], scope: Scope<'_, 'v>, wanted: Ordering) -> Datum<'v> {
        let items = items.iter().map(|item| match self.work_out(item, scope) {
            boolean @ Datum::Bool(_) => boolean,
            other => other.number().datum(),
        });
        let better = |a: Datum<'v>, b: Datum<'v>| if b.number().compare(a.number()) == Some(wanted) { b } else { a };
        items.reduce(better).unwrap_or(Datum::Float(f64::NAN))
    }

    fn calculate(&self, how: Arithmetic, items: &'v [Node], scope: Scope<'_, 'v>) -> Number {
        let mut numbers = items.iter().map(|item| self.work_out(item, scope));
        let sum = |a: Number, b: Number| exact(a, b, i64::checked_add, |a, b| a + b);
        let product = |a: Number, b: Number| exact(a, b, i64::checked_mul, |a, b| a * b);
        match how {
            Arithmetic::Add => numbers.fold(Number::Int(0), |so_far, next| sum(so_far, next.number())),
            Arithmetic::Multiply => numbers.fold(Number::Int(1), |so_far, next| product(so_far, next.number())),
            Arithmetic::Subtract => {
                let a = numbers.next().unwrap_or(Datum::Null).number();
                match numbers.next().unwrap_or(Datum::Null) {
                    Datum::Null => exact(Number::Int(0), a, i64::checked_sub, |_, a| -a),
                    b => exact(a, b.number(), i64::checked_sub, |a, b| a - b),
                }
            }
            Arithmetic::Divide | Arithmetic::Modulo => {
                let a = numbers.next().unwrap_or(Datum::Null).number();
                let b = numbers.next().unwrap_or(Datum::Null).number();
                if how == Arithmetic::Divide { Number::Float(a.float() / b.float()) } else { modulo(a, b) }
            }
        }
    }
}

fn exact(a: Number, b: Number, whole: fn(i64, i64) -> Option<i64>, float: fn(f64, f64) -> f64) -> Number {
    let exact = match (a, b) {
        (Number::Int(a), Number::Int(b)) => whole(a, b),
        (_, _) => None,
    };
    exact.map_or_else(|| Number::Float(float(a.float(), b.float())), Number::Int)
}

/// What is left of a division; its sign is the divisor's.
fn modulo(a: Number, b: Number) -> Number {
    if let (Number::Int(a), Number::Int(b)) = (a, b) {
        return match a.checked_rem(b) {
            Some(rest) if rest != 0 && (rest < 0) != (b < 0) => Number::Int(rest + b),
            Some(rest) => Number::Int(rest),
            None => Number::NAN,
        };
    }
    let (a, b) = (a.float(), b.float());
    let rest = a % b;
    Number::Float(if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest })
}

/// The number without what follows its point; nothing if it is none.
#[expect(clippy::cast_possible_truncation, reason = "what is beyond the range of places is its end")]
fn whole(number: Number) -> Option<i64> {
    match number {
        Number::Int(value) => Some(value),
        Number::Float(value) if value.is_nan() => None,
        Number::Float(value) => Some(value as i64),
    }
}

fn magnitude(number: i64) -> usize {
    usize::try_from(number.unsigned_abs()).unwrap_or(usize::MAX)
}
