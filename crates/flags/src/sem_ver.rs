//! `sem_ver`: how one semantic version stands to another. Parts that are missing are 0, a `v` before it is nothing, and what is
//! no version is `null`.

use alloc::boxed::Box;
use core::cmp::Ordering;

use crate::datum::{Datum, Text};
use crate::json::Json;
use crate::logic::Node;

/// How versions are compared: by order, by the same major (`^`), by the same major and minor (`~`).
pub(crate) const OPERATORS: [&str; 8] = ["=", "!=", "<", "<=", ">", ">=", "^", "~"];

/// The operator with its arguments.
#[derive(Clone, Debug)]
pub(crate) struct SemVer {
    pub(crate) version: Node,
    pub(crate) how: Node,
    pub(crate) other: Other,
}

/// What is compared with: read once where it stands in the rule.
#[derive(Clone, Debug)]
pub(crate) enum Other {
    Known([u64; 3], Box<str>),
    Open(Node),
}

impl SemVer {
    pub(crate) fn new([version, how, other]: [Node; 3]) -> Self {
        let known = match &other {
            Node::Const(Json::Text(text)) => Version::read(text).map(|v| Other::Known(v.numbers, v.pre.into())),
            _ => None,
        };
        SemVer { version, how, other: known.unwrap_or(Other::Open(other)) }
    }

    /// What it comes to, its arguments worked out.
    pub(crate) fn compare(version: Datum<'_>, how: &Datum<'_>, other: Version<'_>) -> Option<bool> {
        let Datum::Text(how) = how else { return None };
        let text = spell(version)?;
        let version = Version::read(text.as_str())?;
        let order = version.order(&other);
        let same = |parts: usize| version.numbers.iter().zip(&other.numbers).take(parts).all(|(a, b)| a == b);
        match how.as_str() {
            "=" => Some(order == Ordering::Equal),
            "!=" => Some(order != Ordering::Equal),
            "<" => Some(order == Ordering::Less),
            "<=" => Some(order != Ordering::Greater),
            ">" => Some(order == Ordering::Greater),
            ">=" => Some(order != Ordering::Less),
            "^" => Some(same(1)),
            "~" => Some(same(2)),
            _ => None,
        }
    }
}

/// A version as it is written: a text, or a number.
pub(crate) fn spell(datum: Datum<'_>) -> Option<Text<'_>> {
    match datum {
        Datum::Text(_) | Datum::Int(_) | Datum::Float(_) => Some(datum.into_text()),
        Datum::Null | Datum::Bool(_) | Datum::Given(_) | Datum::Written(_) | Datum::List(_) | Datum::Map(_) => None,
    }
}

/// A semantic version.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Version<'t> {
    pub(crate) numbers: [u64; 3],
    /// What is after the first dash, empty if nothing is.
    pub(crate) pre: &'t str,
}

impl<'t> Version<'t> {
    pub(crate) fn read(text: &'t str) -> Option<Self> {
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let (text, build) = text.split_once('+').map_or((text, None), |(rest, build)| (rest, Some(build)));
        let (core, pre) = text.split_once('-').map_or((text, None), |(core, pre)| (core, Some(pre)));
        let mut numbers = [0; 3];
        for (i, part) in core.split('.').enumerate() {
            *numbers.get_mut(i)? = number(part)?;
        }
        let named = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if build.is_some_and(|build| !build.split('.').all(named)) {
            return None;
        }
        let sound = |part: &str| named(part) && (!part.bytes().all(|b| b.is_ascii_digit()) || number(part).is_some());
        if pre.is_some_and(|pre| !pre.split('.').all(sound)) {
            return None;
        }
        Some(Version { numbers, pre: pre.unwrap_or("") })
    }

    fn order(&self, other: &Version<'_>) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| match (self.pre, other.pre) {
            ("", "") => Ordering::Equal,
            ("", _) => Ordering::Greater,
            (_, "") => Ordering::Less,
            (a, b) => order_of_pre(a, b),
        })
    }
}

/// Numbers by value and before names, names by their letters, and who has more parts comes later.
fn order_of_pre(a: &str, b: &str) -> Ordering {
    let mut others = b.split('.');
    for part in a.split('.') {
        let Some(other) = others.next() else { return Ordering::Greater };
        let order = match (number(part), number(other)) {
            (Some(a), Some(b)) => a.cmp(&b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => part.cmp(other),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    if others.next().is_some() { Ordering::Less } else { Ordering::Equal }
}

/// Digits without a needless 0 before them.
fn number(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}
