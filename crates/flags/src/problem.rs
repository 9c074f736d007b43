//! What is wrong with a definition: where, why, and what to do about it.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// Something that is wrong with a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, as a JSON pointer.
    pub path: String,
    /// What is wrong.
    pub why: String,
    /// What to do about it.
    pub hint: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", if self.path.is_empty() { "/" } else { &self.path }, self.why)
    }
}

impl core::error::Error for Problem {}

/// A place in a document: a chain up to its root, written down only when there is something to say about it.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    above: Option<&'p Place<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Root,
    Member(&'p str),
    Item(usize),
}

impl<'p> Place<'p> {
    pub(crate) const ROOT: Place<'static> = Place { above: None, step: Step::Root };

    pub(crate) fn member(&'p self, name: &'p str) -> Place<'p> {
        Place { above: Some(self), step: Step::Member(name) }
    }

    pub(crate) fn item(&'p self, index: usize) -> Place<'p> {
        Place { above: Some(self), step: Step::Item(index) }
    }

    pub(crate) fn problem(&self, why: impl Into<String>, hint: &str) -> Problem {
        Problem { path: self.pointer(), why: why.into(), hint: hint.to_owned() }
    }

    fn pointer(&self) -> String {
        let mut steps = Vec::new();
        let mut place = Some(self);
        while let Some(here) = place {
            match here.step {
                Step::Root => {}
                Step::Member(name) => steps.push(name.replace('~', "~0").replace('/', "~1")),
                Step::Item(index) => steps.push(index.to_string()),
            }
            place = here.above;
        }
        steps.iter().rev().fold(String::new(), |path, step| path + "/" + step)
    }
}
