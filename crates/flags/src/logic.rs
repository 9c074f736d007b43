//! JSONLogic as a typed tree: read once, when a definition arrives, and walked on every evaluation. What cannot be understood
//! is refused here with its place, so that walking has nothing left to fail at.

mod read;

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::fractional::Fractional;
use crate::json::Json;
use crate::sem_ver::SemVer;

pub(crate) use read::{Reader, path};

/// A rule or a part of one.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    /// What stands there.
    Const(Json),
    /// An array with something to work out in it.
    List(Vec<Node>),
    /// Data at a place that is known.
    Var(Box<Var>),
    /// Data at a place that is worked out.
    VarAt(Box<(Node, Option<Node>)>),
    /// Conditions and results in turn, then what holds otherwise.
    If(Vec<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Truth(Box<Node>),
    Equal(Box<Equality>),
    Order(Box<Order>),
    In(Box<[Node; 2]>),
    /// Whether a text is one of these, which are sorted.
    InTexts(Box<(Node, Vec<Box<str>>)>),
    Cat(Vec<Node>),
    Substr(Box<[Node; 3]>),
    Arithmetic(Arithmetic, Vec<Node>),
    /// The least or the greatest.
    Extreme(core::cmp::Ordering, Vec<Node>),
    Missing(Vec<Node>),
    MissingSome(Box<[Node; 2]>),
    Merge(Vec<Node>),
    /// What is done, to which list, with each of its items.
    Each(Each, Box<[Node; 2]>),
    Reduce(Box<[Node; 3]>),
    Affix(Affix, Box<[Node; 2]>),
    SemVer(Box<SemVer>),
    Fractional(Box<Fractional>),
}

/// Data at a place that is known.
#[derive(Clone, Debug)]
pub(crate) struct Var {
    pub(crate) path: Path,
    pub(crate) default: Option<Node>,
}

/// A place in the data.
#[derive(Clone, Debug)]
pub(crate) enum Path {
    /// All of it.
    Whole,
    /// An item of an array or a letter of a text.
    Index(i64),
    /// What the flag's own evaluation adds. Inside a list the same words mean members of its items.
    FlagKey,
    Timestamp,
    TargetingKey,
    /// A member, and members of members.
    Names(Vec<Box<str>>),
}

#[derive(Clone, Debug)]
pub(crate) struct Equality {
    pub(crate) strict: bool,
    pub(crate) wanted: bool,
    pub(crate) sides: [Node; 2],
}

#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) how: Ordering,
    pub(crate) sides: [Node; 2],
    /// For "between".
    pub(crate) third: Option<Node>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ordering {
    Less,
    AtMost,
    More,
    AtLeast,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Each {
    Map,
    Filter,
    All,
    Some,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Affix {
    Start,
    End,
}
