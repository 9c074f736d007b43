//! Every part of the language, in the order in which a reader of a policy meets them.

use super::{Kinds, POLICY, REFERENCE, Record, Shape};

/// A part that has a name of its own.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    Record(&'static Record),
    Kinds(&'static Kinds),
}

impl Part {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Record(record) => record.name,
            Self::Kinds(kinds) => kinds.name,
        }
    }
}

/// All of them, each once, the whole policy first.
pub(crate) fn parts() -> Vec<Part> {
    let mut parts = Vec::new();
    meet(Part::Record(&POLICY), &mut parts);
    parts
}

fn meet(part: Part, parts: &mut Vec<Part>) {
    if parts.iter().any(|known: &Part| known.name() == part.name()) {
        return;
    }
    parts.push(part);
    match part {
        Part::Record(record) => record.fields.iter().for_each(|field| enter(&field.shape, parts)),
        Part::Kinds(kinds) => kinds.kinds.iter().for_each(|kind| enter(&kind.shape, parts)),
    }
}

fn enter(shape: &'static Shape, parts: &mut Vec<Part>) {
    match shape {
        Shape::OrOff(inner) | Shape::List { of: inner, .. } | Shape::Map { of: inner, .. } => enter(inner, parts),
        Shape::Record(record) => meet(Part::Record(record), parts),
        Shape::Kind(kinds) => meet(Part::Kinds(kinds), parts),
        Shape::EnvValue => meet(Part::Kinds(&REFERENCE), parts),
        Shape::Text(_)
        | Shape::Quantity(_)
        | Shape::Whole { .. }
        | Shape::Switch
        | Shape::Word(_)
        | Shape::Quantile
        | Shape::OnUndecided
        | Shape::Name(_)
        | Shape::RolloutBy => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_everything_is_described() {
        let parts = parts();
        assert!(parts.len() > 20, "{}", parts.len());
        for part in &parts {
            assert_eq!(parts.iter().filter(|other| other.name() == part.name()).count(), 1, "{}", part.name());
            match part {
                Part::Record(record) => {
                    assert!(record.doc.ends_with('.'), "{}", record.name);
                    for field in record.fields {
                        assert!(field.doc.ends_with('.'), "{}.{}", record.name, field.key);
                        let refused = record.not_yet.iter().any(|(key, _)| *key == field.key);
                        assert!(!refused, "{}.{} is both there and not yet", record.name, field.key);
                    }
                }
                Part::Kinds(kinds) => assert!(kinds.kinds.iter().all(|kind| kind.doc.ends_with('.')), "{}", kinds.name),
            }
        }
    }

    #[test]
    fn every_kind_with_all_its_defaults_is_understood() {
        let text = "extends: standard
services:
  a: { target: a, lever: a, signals: [a, b], probe: { canary: http://a/, stable: http://b/ }, channels: { staging: {} } }
  b: { target: b, lever: b, signals: [b], hooks: [a, b] }
targets: { a: { process: { command: x } }, b: { command: { deploy: x, promote: x, withdraw: x } } }
levers: { a: { gate: { listen: 127.0.0.1:80 } }, b: { command: { shift: x, observe: x } } }
signals: { a: { gate: {} }, b: { push: {} }, c: { prometheus: { url: http://a/, arms: { label: { requests: a, errors: b } } } } }
hooks: { a: { command: { run: x } }, b: { http: { url: http://a/ } } }
";
        let policy = crate::read(text, "test").unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!((policy.services().len(), policy.hooks().len()), (2, 2));
    }
}
