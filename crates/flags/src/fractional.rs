//! `fractional`: users divided between variants by a hash of who they are.
//!
//! flagd's clients disagree on what is hashed: version 2 takes the bytes of a text, version 3 the deterministic CBOR of any value.
//! A user lands elsewhere under the other, so a channel has one of them. Both put the hash on a line as long as the sum of the
//! weights, by [`position`].

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::bucket::position;
use crate::cbor;
use crate::datum::Datum;
use crate::evaluate::{Frame, Scope};
use crate::json::Json;
use crate::limits::WEIGHTS;
use crate::logic::{Node, Reader};
use crate::murmur3::Murmur3;
use crate::problem::{Place, Problem};

/// Which version of flagd's `fractional` a channel uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Bucketing {
    /// The bytes of a text.
    V2,
    /// The deterministic CBOR of any value.
    #[default]
    V3,
}

impl Bucketing {
    /// The hash of a text that is given in parts.
    pub(crate) fn hash_of(self, parts: &[&str]) -> u32 {
        let mut digest = Murmur3::new();
        let mut write = |bytes: &[u8]| digest.write(bytes);
        if self == Self::V3 {
            cbor::encode_text_head(parts.iter().map(|part| part.len()).sum(), &mut write);
        }
        parts.iter().for_each(|part| write(part.as_bytes()));
        digest.finish()
    }
}

/// The operator with its arguments.
#[derive(Clone, Debug)]
pub(crate) struct Fractional {
    by: By,
    shares: Vec<Share>,
    /// The sum of the weights, if none has to be worked out.
    whole: Option<i64>,
}

/// What is hashed.
#[derive(Clone, Debug)]
enum By {
    /// The flag's key and the targeting key.
    Default,
    /// Texts in a row: they are hashed one after the other and never put together.
    Cat(Vec<Node>),
    Node(Node),
}

/// A variant and its weight.
#[derive(Clone, Debug)]
enum Share {
    Plain(Box<(Node, Weight)>),
    /// A pair that is worked out as a whole.
    Computed(Node),
    /// What can never be a pair: the whole comes to `null`.
    Broken,
}

#[derive(Clone, Debug)]
enum Weight {
    Fixed(i64),
    Computed(Node),
}

impl Fractional {
    pub(crate) fn read(from: &mut Reader, items: &[Json], place: &Place<'_>, depth: usize) -> Result<Self, Problem> {
        let (by, from_item) = match items.first() {
            None | Some(Json::List(_)) => (By::Default, 0),
            Some(first) => (
                match from.read(first, &place.item(0), depth + 1)? {
                    Node::Cat(parts) => By::Cat(joined(parts)),
                    node => By::Node(node),
                },
                1,
            ),
        };
        let shares =
            items.iter().enumerate().skip(from_item).map(|(i, item)| share(from, item, &place.item(i), depth + 1));
        let shares: Vec<Share> = shares.collect::<Result<_, _>>()?;
        let whole = shares.iter().try_fold(0_i64, |sum, share| sum.checked_add(share.fixed()?));
        Ok(Fractional { by, shares, whole })
    }

    /// The variant of this user; `null` if there is nobody to divide, or nothing to give.
    pub(crate) fn pick<'v>(&'v self, frame: &Frame<'v>, scope: Scope<'_, 'v>) -> Datum<'v> {
        self.pick_or_none(frame, scope).unwrap_or(Datum::Null)
    }

    fn pick_or_none<'v>(&'v self, frame: &Frame<'v>, scope: Scope<'_, 'v>) -> Option<Datum<'v>> {
        let (hash, first) = self.hash(frame, scope)?;
        let before = match &first {
            Some(pair) => weight_of(pair, frame.bucketing)?,
            None => 0,
        };
        let sum = |sum: i64, share: &'v Share| sum.checked_add(share.weight(frame, scope)?);
        let whole = self.whole.or_else(|| self.shares.iter().try_fold(0, sum))?.checked_add(before)?;
        if whole == 0 || whole > WEIGHTS {
            return None;
        }
        let at = i64::from(position(hash, u32::try_from(whole).ok()?));
        if at < before {
            return first?.item(0);
        }
        let mut end = before;
        for share in &self.shares {
            end += share.weight(frame, scope)?;
            if at < end {
                return Some(share.variant(frame, scope));
            }
        }
        None
    }

    /// Where on the line this user is; with what should have been hashed, if that came to a list: then it is the first pair, and
    /// the keys are hashed.
    fn hash<'v>(&'v self, frame: &Frame<'v>, scope: Scope<'_, 'v>) -> Option<(u32, Option<Datum<'v>>)> {
        let mut digest = Murmur3::new();
        let mut write = |bytes: &[u8]| digest.write(bytes);
        let mut first = None;
        match &self.by {
            By::Cat(parts) => {
                if frame.bucketing == Bucketing::V3 {
                    // The length comes before the text, so each part is worked out twice rather than put together once.
                    let length = parts.iter().map(|part| frame.spell(part, scope).as_str().len()).sum();
                    cbor::encode_text_head(length, &mut write);
                }
                parts.iter().for_each(|part| write(frame.spell(part, scope).as_str().as_bytes()));
            }
            By::Default => shorthand(frame, scope, &mut write)?,
            By::Node(node) => match (frame.work_out(node, scope), frame.bucketing) {
                (Datum::Null, Bucketing::V2) => shorthand(frame, scope, &mut write)?,
                (Datum::Text(text), Bucketing::V2) => write(text.as_str().as_bytes()),
                (list, _) if list.length().is_some() => {
                    shorthand(frame, scope, &mut write)?;
                    first = Some(list);
                }
                (_, Bucketing::V2) | (Datum::Null, Bucketing::V3) => return None,
                (datum, Bucketing::V3) => cbor::encode_datum(&datum, &mut write)?,
            },
        }
        Some((digest.finish(), first))
    }
}

/// The flag's key and the targeting key, which must be there and not be empty.
fn shorthand(frame: &Frame<'_>, scope: Scope<'_, '_>, write: &mut impl FnMut(&[u8])) -> Option<()> {
    // Inside a list there is no targeting key.
    let Scope::Whole = scope else { return None };
    let user = frame.context.targeting_key.filter(|user| !user.is_empty())?;
    match frame.bucketing {
        Bucketing::V2 => {
            write(frame.flag.as_bytes());
            write(user.as_bytes());
        }
        Bucketing::V3 => cbor::encode_array(&[frame.flag, user], write),
    }
    Some(())
}

fn share(from: &mut Reader, item: &Json, place: &Place<'_>, depth: usize) -> Result<Share, Problem> {
    let Json::List(parts) = item else {
        return Ok(match from.read(item, place, depth)? {
            Node::Const(_) => Share::Broken,
            node => Share::Computed(node),
        });
    };
    let [variant, weight @ ..] = parts.as_slice() else { return Ok(Share::Broken) };
    let variant = from.read(variant, &place.item(0), depth + 1)?;
    let weight = match weight {
        [] => Weight::Fixed(1),
        [Json::Int(weight)] => Weight::Fixed((*weight).max(0)),
        [weight] => Weight::Computed(from.read(weight, &place.item(1), depth + 1)?),
        _ => return Ok(Share::Broken),
    };
    Ok(Share::Plain(Box::new((variant, weight))))
}

/// Texts that stand side by side as one.
fn joined(parts: Vec<Node>) -> Vec<Node> {
    let mut joined: Vec<Node> = Vec::new();
    for part in parts {
        match (joined.last_mut(), part) {
            (Some(Node::Const(Json::Text(before))), Node::Const(Json::Text(next))) => before.push_str(&next),
            (_, part) => joined.push(part),
        }
    }
    joined
}

impl Share {
    /// Its weight, if that does not have to be worked out.
    fn fixed(&self) -> Option<i64> {
        match self {
            Self::Plain(pair) => match pair.1 {
                Weight::Fixed(weight) => Some(weight),
                Weight::Computed(_) => None,
            },
            Self::Computed(_) | Self::Broken => None,
        }
    }

    fn weight<'v>(&'v self, frame: &Frame<'v>, scope: Scope<'_, 'v>) -> Option<i64> {
        match self {
            Self::Plain(pair) => match &pair.1 {
                Weight::Fixed(weight) => Some(*weight),
                Weight::Computed(node) => weight(&frame.work_out(node, scope), frame.bucketing),
            },
            Self::Computed(node) => weight_of(&frame.work_out(node, scope), frame.bucketing),
            Self::Broken => None,
        }
    }

    fn variant<'v>(&'v self, frame: &Frame<'v>, scope: Scope<'_, 'v>) -> Datum<'v> {
        match self {
            Self::Plain(pair) => frame.work_out(&pair.0, scope),
            Self::Computed(node) => frame.work_out(node, scope).item(0).unwrap_or(Datum::Null),
            Self::Broken => Datum::Null,
        }
    }
}

/// The weight of a pair that was worked out.
fn weight_of(pair: &Datum<'_>, bucketing: Bucketing) -> Option<i64> {
    match pair.length()? {
        1 => Some(1),
        2 => weight(&pair.item(1)?, bucketing),
        _ => None,
    }
}

/// A whole number; what is below 0, as a ramp may compute, is 0. Version 2 has floats only, and takes one that is whole.
fn weight(datum: &Datum<'_>, bucketing: Bucketing) -> Option<i64> {
    match (datum, bucketing) {
        (Datum::Int(weight), _) => Some((*weight).max(0)),
        (Datum::Null, Bucketing::V2) => Some(1),
        (Datum::Float(weight), Bucketing::V2) => i64::try_from(cbor::whole(*weight)?).ok().map(|weight| weight.max(0)),
        (_, _) => None,
    }
}
