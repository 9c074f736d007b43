//! Putting a policy on top of what it extends. Maps are joined key by key and what is written later wins; lists are
//! replaced as a whole, because half of a list of phases is not a plan; a value that changes its kind is replaced.

use crate::findings::{Finding, Findings};
use crate::near;
use crate::problem::Code;
use crate::shape::{Record, Shape, Table};
use crate::source::Span;
use crate::yaml::{Content, Entry, NODES, Node, quoted};

/// `over` on top of `base`.
pub(crate) fn merged(base: &Node, over: Node, shape: &Shape) -> Node {
    match (shape, &base.value) {
        (Shape::OrOff(inner), _) => merged(base, over, inner),
        (Shape::Record(record), Content::Map(entries)) => {
            join(entries, over, |key| record.field(key).map(|f| &f.shape))
        }
        (Shape::Map { of, .. }, Content::Map(entries)) => join(entries, over, |_| Some(*of)),
        (Shape::Kind(kinds), Content::Map(entries)) if same_kind(entries, &over) => {
            join(entries, over, |key| kinds.kinds.iter().find(|kind| kind.key == key).map(|kind| &kind.shape))
        }
        _ => over,
    }
}

fn join<'s>(base: &[Entry], over: Node, shape_of: impl Fn(&str) -> Option<&'s Shape>) -> Node {
    let Node { at, value } = over;
    let Content::Map(over) = value else {
        return Node { at, value };
    };
    let mut entries = base.to_vec();
    for entry in over {
        let known = entries.iter_mut().find(|known| known.key == entry.key);
        match (known, shape_of(&entry.key)) {
            (Some(known), Some(shape)) => {
                let value = merged(&known.value, entry.value, shape);
                *known = Entry { value, ..entry };
            }
            (Some(known), None) => *known = entry,
            (None, _) => entries.push(entry),
        }
    }
    Node { at, value: Content::Map(entries) }
}

fn same_kind(base: &[Entry], over: &Node) -> bool {
    match (base, &over.value) {
        ([base], Content::Map(over)) => over.iter().all(|entry| entry.key == base.key),
        (_, Content::Map(_) | Content::List(_) | Content::Text { .. }) => false,
    }
}

/// How long a chain of rollouts may be that extend each other.
const LONGEST_CHAIN: usize = 8;

/// Settles what rollouts take from each other. A rollout whose `extends` is wrong is filled from `stand_in`, so that
/// its author does not read of every key that it would have inherited.
pub(crate) fn settle_rollouts(root: &mut Node, record: &'static Record, stand_in: &Node, findings: &mut Findings<'_>) {
    let Content::Map(tables) = &mut root.value else {
        return;
    };
    let Some(table) = tables.iter_mut().find(|entry| entry.key == Table::Rollouts.key()) else {
        return;
    };
    let Content::Map(rollouts) = &table.value.value else {
        return;
    };
    let mut family = Family { rollouts, shape: Shape::Record(record), stand_in, findings, nodes: 0 };
    let settled = rollouts.iter().map(|rollout| family.settled(rollout, &mut Vec::new())).collect();
    table.value.value = Content::Map(settled);
}

struct Family<'a, 'f, 's> {
    rollouts: &'a [Entry],
    shape: Shape,
    stand_in: &'a Node,
    findings: &'f mut Findings<'s>,
    nodes: usize,
}

impl<'a> Family<'a, '_, '_> {
    /// The rollout with everything that it takes from others; `chain` are the names on the way here.
    fn settled(&mut self, rollout: &'a Entry, chain: &mut Vec<&'a str>) -> Entry {
        let Some((name, at, path)) = extends(rollout) else {
            return rollout.clone();
        };
        chain.push(&rollout.key);
        let base = match self.base(name, chain) {
            Ok(base) => self.settled(base, chain).value,
            Err(finding) => {
                self.findings.add(at, &path, finding);
                self.stand_in.clone()
            }
        };
        chain.pop();
        let mut own = rollout.value.clone();
        if let Content::Map(entries) = &mut own.value {
            entries.retain(|entry| entry.key != "extends");
        }
        let value = merged(&base, own, &self.shape);
        self.nodes = self.nodes.saturating_add(value.size());
        Entry { value, ..rollout.clone() }
    }

    fn base(&self, name: &'a str, chain: &[&str]) -> Result<&'a Entry, Finding> {
        if chain.contains(&name) {
            let circle: Vec<_> = chain.iter().chain([&name]).map(|name| format!("`{name}`")).collect();
            let why = circle.join(" extends ");
            return Err(Finding::new(Code::Circle, "rollouts extend each other in a circle", why)
                .hint("take `extends` out of one of them and say there what the others need"));
        }
        if chain.len() > LONGEST_CHAIN || self.nodes > NODES {
            let why = format!("at most {LONGEST_CHAIN} rollouts in a row, and {NODES} values in all of them");
            return Err(Finding::new(Code::TooMuch, "too much is extended", why).hint("extend `canary` directly"));
        }
        let names = || self.rollouts.iter().map(|rollout| rollout.key.as_str());
        self.rollouts.iter().find(|rollout| rollout.key == name).ok_or_else(|| {
            let known = near::known(Table::Rollouts.noun(), names());
            Finding::new(Code::UnknownName, format!("{} is not a rollout", quoted(name)), known)
                .hint("name another, or say everything here and leave `extends` out")
                .or_better(near::did_you_mean(name, names()))
        })
    }
}

/// What a rollout extends, if it says so in a text; anything else is left for the reader to refuse.
fn extends(rollout: &Entry) -> Option<(&str, Span, String)> {
    let entry = rollout.value.get("extends")?;
    match &entry.value.value {
        Content::Text { text, .. } if !entry.value.is_nothing() => {
            Some((text, entry.value.at, format!("rollouts.{}.extends", rollout.key)))
        }
        Content::Text { .. } | Content::List(_) | Content::Map(_) => None,
    }
}
