//! Where problems are collected while a policy is read, so that one mistake does not hide the next.

use crate::problem::{Code, Problem, Problems};
use crate::source::{Origin, Source, Span};

/// The problems found so far.
pub(crate) struct Findings<'a> {
    user: Source<'a>,
    standard: Source<'a>,
    found: Vec<(Span, Problem)>,
    omitted: usize,
}

/// A problem before it has a place.
pub(crate) struct Finding {
    pub(crate) code: Code,
    pub(crate) what: String,
    pub(crate) why: String,
    pub(crate) hint: Option<String>,
}

/// More than a person reads in one go.
const SHOWN: usize = 100;
/// When to sort and drop what will not be shown, so that a hostile file does not fill the memory.
const HELD: usize = 2_000;

impl<'a> Findings<'a> {
    pub(crate) fn new(user: Source<'a>, standard: Source<'a>) -> Self {
        Self { user, standard, found: Vec::new(), omitted: 0 }
    }

    pub(crate) fn add(&mut self, span: Span, path: &str, finding: Finding) {
        let source = match span.origin {
            Origin::User => &self.user,
            Origin::Standard => &self.standard,
        };
        let Finding { code, what, why, hint } = finding;
        let mut place = source.place(span);
        if code == Code::Secret {
            place.hide();
        }
        let place = Some(Box::new(place));
        self.found.push((span, Problem { code, what, why, hint, path: path.to_owned(), place }));
        if self.found.len() > HELD {
            self.settle();
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All problems in the order of the file, the same one never twice.
    pub(crate) fn into_problems(mut self) -> Problems {
        self.settle();
        Problems { list: self.found.into_iter().map(|(_, problem)| problem).collect(), omitted: self.omitted }
    }

    fn settle(&mut self) {
        self.found.sort_by(|(a, p), (b, q)| (a, p.code, &p.why).cmp(&(b, q.code, &q.why)));
        self.found.dedup_by(|(a, p), (b, q)| a == b && p.code == q.code && p.why == q.why);
        self.omitted += self.found.len().saturating_sub(SHOWN);
        self.found.truncate(SHOWN);
    }
}

impl Finding {
    pub(crate) fn new(code: Code, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { code, what: what.into(), why: why.into(), hint: None }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    pub(crate) fn maybe_hint(self, hint: Option<String>) -> Self {
        Self { hint: hint.or(self.hint), ..self }
    }

    /// As the answer to a request, which has no place in a text.
    pub(crate) fn without_place(self, path: &str) -> Problem {
        let Self { code, what, why, hint } = self;
        Problem { code, what, why, hint, path: path.to_owned(), place: None }
    }
}
