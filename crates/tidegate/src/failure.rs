//! What went wrong, as everybody meets it: a stable code, what happened, why, what to do next, and the exit code.

use crate::exit::Exit;
use crate::paint::Paint;
use crate::visible::visible;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::fmt::Write as _;

/// The end of a command that did not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something to tell.
    Told(Box<Told>),
    /// Problems in a policy, each with its place.
    Policy(policy::Problems),
    /// Whoever read our output went away. That is no fault of theirs.
    NobodyReads,
}

/// A failure in the four parts that every message has.
#[derive(Debug)]
pub(crate) struct Told {
    /// Its exit code.
    pub(crate) exit: Exit,
    /// The stable code, `TG-…`.
    pub(crate) code: Cow<'static, str>,
    /// What happened.
    pub(crate) what: String,
    /// Why, if that is not said yet.
    pub(crate) why: Option<String>,
    /// What to do next.
    pub(crate) hint: Option<String>,
    /// Where in what was given it is.
    pub(crate) place: Option<Place>,
}

/// A place in a text of one line that somebody gave.
#[derive(Debug)]
pub(crate) struct Place {
    /// The text.
    pub(crate) text: String,
    /// Before which of its characters, counted from 0.
    pub(crate) at: usize,
}

impl Failure {
    /// A failure with a code and what happened.
    pub(crate) fn new(exit: Exit, code: impl Into<Cow<'static, str>>, what: impl Into<String>) -> Self {
        Self::Told(Box::new(Told { exit, code: code.into(), what: what.into(), why: None, hint: None, place: None }))
    }

    /// Says why.
    #[must_use]
    pub(crate) fn because(mut self, why: impl Into<String>) -> Self {
        if let Self::Told(told) = &mut self {
            told.why = Some(why.into());
        }
        self
    }

    /// Says what to do next.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Self::Told(told) = &mut self {
            told.hint = Some(hint.into());
        }
        self
    }

    /// Shows the place.
    #[must_use]
    pub(crate) fn at(mut self, text: impl Into<String>, at: usize) -> Self {
        if let Self::Told(told) = &mut self {
            told.place = Some(Place { text: text.into(), at });
        }
        self
    }

    /// A problem with a value that was not read from a file.
    pub(crate) fn of_problem(exit: Exit, problem: policy::Problem) -> Self {
        let failure = Self::new(exit, problem.code.as_str(), problem.what).because(problem.why);
        match problem.hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }

    /// The exit code.
    #[must_use]
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Told(told) => told.exit,
            Self::Policy(_) => Exit::Failed,
            Self::NobodyReads => Exit::Failed,
        }
    }

    /// For people; empty when everything was said.
    #[must_use]
    pub(crate) fn render(&self, paint: Paint) -> String {
        match self {
            Self::Told(told) => told.render(paint),
            Self::Policy(problems) => problems.render(paint.on()),
            Self::NobodyReads => String::new(),
        }
    }

    /// For programs; nothing when everything was said.
    #[must_use]
    pub(crate) fn to_json(&self) -> Option<Value> {
        match self {
            Self::Told(told) => Some(told.to_json()),
            Self::Policy(problems) => Some(problems.to_json()),
            Self::NobodyReads => None,
        }
    }
}

impl Told {
    fn to_json(&self) -> Value {
        let mut error = json!({
            "code": self.code,
            "what": self.what,
            "why": self.why,
            "hint": self.hint,
            "exit_code": self.exit.code(),
        });
        if let (Some(place), Some(members)) = (&self.place, error.as_object_mut()) {
            members.insert("place".into(), json!({ "text": place.text, "character": place.at + 1 }));
        }
        json!({ "error": error })
    }

    fn render(&self, paint: Paint) -> String {
        let mut text = format!(
            "{}: {}\n",
            paint.red(&format!("error[{}]", visible(&self.code))),
            paint.bold(&visible(&self.what))
        );
        if let Some(place) = &self.place {
            let _infallible = writeln!(text, "    {}", visible(&place.text));
            let _infallible = writeln!(text, "    {}{}", " ".repeat(place.at), paint.red("^"));
        }
        for (name, part) in [("why", &self.why), ("hint", &self.hint)] {
            if let Some(part) = part {
                let _infallible = writeln!(text, "  {} {name}: {}", paint.blue("="), visible(part));
            }
        }
        text
    }
}

impl From<std::io::Error> for Failure {
    /// Of writing to our own output; every other input or output has its own words.
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self::NobodyReads;
        }
        Self::new(Exit::Failed, "TG-7000", "the output cannot be written")
            .because(error.to_string())
            .hint("check where the output goes: a full disk, a closed terminal")
    }
}

impl From<policy::Problems> for Failure {
    fn from(problems: policy::Problems) -> Self {
        Self::Policy(problems)
    }
}

impl From<policy::Problem> for Failure {
    fn from(problem: policy::Problem) -> Self {
        Self::Policy(policy::Problems { list: vec![problem], omitted: 0 })
    }
}

impl From<control::ports::PortError> for Failure {
    fn from(error: control::ports::PortError) -> Self {
        Self::new(Exit::Failed, error.code, error.message).hint(error.hint)
    }
}

impl From<server::NoBootstrap> for Failure {
    fn from(none: server::NoBootstrap) -> Self {
        Self::new(Exit::Failed, none.code, "no admin token could be issued").because(none.message).hint(none.hint)
    }
}
