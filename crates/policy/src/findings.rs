//! Where problems are collected while a policy is read, so that one mistake does not hide the next.

use crate::problem::{Code, Problem, Problems};
use crate::source::{Origin, Source, Span};

/// The problems found so far.
pub(crate) struct Findings<'a> {
    /// What is read, for messages about the whole of it.
    pub(crate) subject: Subject,
    user: Source<'a>,
    standard: Source<'a>,
    found: Vec<Found>,
    omitted: usize,
}

/// What a file is.
#[derive(Clone, Copy)]
pub(crate) struct Subject {
    /// With its article.
    pub(crate) noun: &'static str,
    /// How to come by a first one.
    pub(crate) first: &'static str,
}

const POLICY: Subject = Subject { noun: "a policy", first: "`tidegate init` writes a first one" };

struct Found {
    span: Span,
    path: String,
    finding: Finding,
}

/// A problem before it has a place.
pub(crate) struct Finding {
    pub(crate) code: Code,
    pub(crate) what: String,
    pub(crate) why: String,
    pub(crate) hint: String,
}

/// A finding that does not yet say what to do next; it cannot be told before it does.
pub(crate) struct Unfinished {
    code: Code,
    what: String,
    why: String,
}

/// More than a person reads in one go.
const SHOWN: usize = 100;
/// When to sort and drop what will not be shown, so that a hostile file does not fill the memory.
const HELD: usize = 2_000;

impl<'a> Findings<'a> {
    pub(crate) fn new(user: Source<'a>, standard: Source<'a>) -> Self {
        Self { subject: POLICY, user, standard, found: Vec::new(), omitted: 0 }
    }

    /// Of something else than a policy.
    pub(crate) fn about(self, subject: Subject) -> Self {
        Self { subject, ..self }
    }

    pub(crate) fn add(&mut self, span: Span, path: &str, finding: Finding) {
        self.found.push(Found { span, path: path.to_owned(), finding });
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
        let found = std::mem::take(&mut self.found);
        Problems { list: found.into_iter().map(|found| self.problem(found)).collect(), omitted: self.omitted }
    }

    fn settle(&mut self) {
        self.found.sort_by(|a, b| a.order().cmp(&b.order()));
        self.found.dedup_by(|a, b| a.order() == b.order());
        self.omitted += self.found.len().saturating_sub(SHOWN);
        self.found.truncate(SHOWN);
    }

    /// With its place; only for those that are shown, because a place is a walk along its line.
    fn problem(&self, found: Found) -> Problem {
        let source = match found.span.origin {
            Origin::User => &self.user,
            Origin::Standard => &self.standard,
        };
        let mut place = source.place(found.span);
        if found.finding.code == Code::Secret {
            place.hide();
        }
        Problem { place: Some(Box::new(place)), ..found.finding.without_place(&found.path) }
    }
}

impl Found {
    fn order(&self) -> (Span, Code, &str) {
        (self.span, self.finding.code, &self.finding.why)
    }
}

impl Finding {
    /// What happened; what was found and what would be right.
    #[expect(clippy::new_ret_no_self, reason = "a finding begins as one without a hint")]
    pub(crate) fn new(code: Code, what: impl Into<String>, why: impl Into<String>) -> Unfinished {
        Unfinished { code, what: what.into(), why: why.into() }
    }

    /// A better hint, if there is one.
    pub(crate) fn or_better(self, hint: Option<String>) -> Self {
        Self { hint: hint.unwrap_or(self.hint), ..self }
    }

    /// As the answer to a request, which has no place in a text.
    pub(crate) fn without_place(self, path: &str) -> Problem {
        let Self { code, what, why, hint } = self;
        Problem { code, what, why, hint: Some(hint), path: path.to_owned(), place: None }
    }
}

impl Unfinished {
    /// What to do next.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Finding {
        let Self { code, what, why } = self;
        Finding { code, what, why, hint: hint.into() }
    }
}
