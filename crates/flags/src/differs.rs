//! What a change would change: the same users asked of the flags as they are and as they would be.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use crate::context::Context;
use crate::set::FlagSet;

/// How users' answers differ between two sets of flags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// How many contexts were asked.
    pub contexts: usize,
    /// How many of them get something else from any flag.
    pub changed: usize,
    /// Of each flag for which some do: who moves from what to what.
    pub flags: BTreeMap<String, Vec<Move>>,
}

/// Contexts that get another variant of one flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// What they get; nothing for the default in the code, an error, or a flag that is not there.
    pub from: Option<String>,
    /// What they would get.
    pub to: Option<String>,
    /// How many they are.
    pub contexts: usize,
}

/// How the answers to `contexts` differ.
#[must_use]
pub fn differs<'c, 'a: 'c>(
    old: &FlagSet,
    new: &FlagSet,
    contexts: impl IntoIterator<Item = &'c Context<'a>>,
) -> Difference {
    let keys: BTreeSet<&str> = old.keys().chain(new.keys()).collect();
    let mut difference = Difference::default();
    let mut moves: BTreeMap<(&str, Option<&str>, Option<&str>), usize> = BTreeMap::new();
    for context in contexts {
        difference.contexts += 1;
        let mut changed = false;
        for key in &keys {
            let from = old.evaluate(key, context).ok().and_then(|outcome| outcome.variant);
            let to = new.evaluate(key, context).ok().and_then(|outcome| outcome.variant);
            if from != to {
                changed = true;
                *moves.entry((key, from, to)).or_default() += 1;
            }
        }
        difference.changed += usize::from(changed);
    }
    for ((key, from, to), contexts) in moves {
        let of = |name: Option<&str>| name.map(ToOwned::to_owned);
        difference.flags.entry(key.to_owned()).or_default().push(Move { from: of(from), to: of(to), contexts });
    }
    difference
}
