//! A problem as text for people: the line it is about, a mark under what is meant, then the next step.

use super::{Place, Problem, Problems};
use crate::hidden::hidden;
use std::fmt::Write as _;

pub(super) fn all(problems: &Problems, color: bool) -> String {
    let mut out = String::new();
    for problem in &problems.list {
        out.push_str(&one(problem, color));
        out.push('\n');
    }
    let count = problems.list.len() + problems.omitted;
    let more = match problems.omitted {
        0 => String::new(),
        n => format!(", the last {n} not shown"),
    };
    let noun = if count == 1 { "problem" } else { "problems" };
    let _infallible = writeln!(out, "{count} {noun}{more}; each code has a page in docs/errors/");
    out
}

pub(super) fn one(problem: &Problem, color: bool) -> String {
    let paint = Paint { color };
    let mut out = format!(
        "{}{}\n",
        paint.red(&format!("error[{}]", problem.code.as_str())),
        paint.bold(&format!(": {}", visible(&problem.what))),
    );
    let gutter = match &problem.place {
        None => String::new(),
        Some(place) => {
            let gutter = " ".repeat(place.line.to_string().len());
            out.push_str(&source(place, &visible(&problem.why), &gutter, paint));
            gutter
        }
    };
    let mut note = |name: &str, text: &str| {
        let _infallible = writeln!(out, "{gutter} {} {name}: {}", paint.blue("="), visible(text));
    };
    if problem.place.is_none() {
        note("why", &problem.why);
    }
    if !problem.path.is_empty() {
        note("path", &problem.path);
    }
    if let Some(hint) = &problem.hint {
        note("hint", hint);
    }
    out
}

fn source(place: &Place, why: &str, gutter: &str, paint: Paint) -> String {
    let bar = paint.blue("|");
    let mark = "^".repeat(place.mark.len().max(1));
    format!(
        "{gutter}{} {}:{}:{}\n{gutter} {bar}\n{} {bar} {}\n{gutter} {bar} {}{} {}\n{gutter} {bar}\n",
        paint.blue("-->"),
        visible(&place.file),
        place.line,
        place.column,
        paint.blue(&place.line.to_string()),
        visible(&place.excerpt).trim_end(),
        " ".repeat(place.mark.start),
        paint.red(&mark),
        paint.red(why),
    )
}

/// Without what a terminal would obey: a policy file may come from a stranger's pull request.
pub(super) fn visible(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' => ' ',
            c if hidden(c) => '\u{fffd}',
            c => c,
        })
        .collect()
}

#[derive(Clone, Copy)]
struct Paint {
    color: bool,
}

impl Paint {
    fn red(self, text: &str) -> String {
        self.escape("1;31", text)
    }

    fn blue(self, text: &str) -> String {
        self.escape("1;34", text)
    }

    fn bold(self, text: &str) -> String {
        self.escape("1", text)
    }

    fn escape(self, style: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
