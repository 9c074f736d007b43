//! What is wrong with a policy, said so that its author can mend it without asking: the place, what was found,
//! what would be right. All problems of a file are collected; a person who mends one should not meet the next.

mod code;
mod render;

pub use code::Code;

use render::visible;
use serde_json::{Value, json};
use std::fmt;
use std::ops::Range;

/// One thing that is wrong with a policy, or with what is asked of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which kind of problem; each has a page under `docs/errors/`.
    pub code: Code,
    /// What happened, in one clause without a full stop.
    pub what: String,
    /// What was found and what would be right, in one clause.
    pub why: String,
    /// What to do next; everything that this crate finds says it.
    pub hint: Option<String>,
    /// Where in the policy, as a path of keys, e.g. `rollouts.careful.phases[0].share`; empty for the whole file.
    pub path: String,
    /// Where in the text. Problems with a request (an unknown service, say) have no place.
    pub place: Option<Box<Place>>,
}

/// A place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The name of the file.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// The line itself; of a very long one, the piece around what is meant.
    pub excerpt: String,
    /// Which characters of the excerpt are meant; never empty, at the end of a line one past it.
    pub mark: Range<usize>,
}

/// Everything that is wrong with a policy, in the order of the file. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems {
    /// The problems that are told one by one.
    pub list: Vec<Problem>,
    /// How many more there are: a file that is not a policy at all must not fill the screen.
    pub omitted: usize,
}

impl Problem {
    /// For people: several lines with the source and a mark under what is meant. With `color`, ANSI escapes.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        render::one(self, color)
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let place = self.place.as_ref();
        json!({
            "code": self.code.as_str(),
            "what": self.what,
            "why": self.why,
            "hint": self.hint,
            "path": self.path,
            "file": place.map(|p| &p.file),
            "line": place.map(|p| p.line),
            "column": place.map(|p| p.column),
        })
    }
}

impl Place {
    /// Covers what is meant: the message about a secret must not carry it on.
    pub(crate) fn hide(&mut self) {
        let mark = self.mark.clone();
        let covered = self.excerpt.chars().enumerate().map(|(i, c)| if mark.contains(&i) { '*' } else { c });
        self.excerpt = covered.collect();
    }
}

impl Problems {
    /// For people: every problem, and how many there are.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        render::all(self, color)
    }

    /// For programs: `{"problems": […], "omitted": 0}`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "problems": self.list.iter().map(Problem::to_json).collect::<Vec<_>>(),
            "omitted": self.omitted,
        })
    }
}

impl fmt::Display for Problem {
    /// One line, as compilers write it: `tidegate.yaml:12:16: TG-1014: …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{}:{}:{}: ", visible(&place.file), place.line, place.column)?;
        }
        write!(f, "{}: {}: {}", self.code.as_str(), visible(&self.what), visible(&self.why))?;
        match &self.hint {
            Some(hint) => write!(f, " (hint: {})", visible(hint)),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Problem {}
impl std::error::Error for Problems {}
