//! The texts that a policy comes from, the user's and the standard's, and places in them that survive merging.

use crate::problem::Place;
use std::ops::Range;

/// Which of the two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// The file that is read.
    User,
    /// The built-in policy, or a default of the language.
    Standard,
}

/// Some characters of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) origin: Origin,
    /// Counted from 1.
    pub(crate) line: usize,
    /// Counted from 1, in characters.
    pub(crate) column: usize,
    pub(crate) width: usize,
}

/// A named text, by lines.
pub(crate) struct Source<'a> {
    file: &'a str,
    lines: Vec<&'a str>,
}

impl<'a> Source<'a> {
    pub(crate) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, lines: lines(text) }
    }

    pub(crate) fn place(&self, span: Span) -> Place {
        let span = self.within(span);
        let line = self.lines.get(span.line.saturating_sub(1)).copied().unwrap_or("");
        let (excerpt, mark) = excerpt(line, span);
        Place { file: self.file.to_owned(), line: span.line, column: span.column, excerpt, mark }
    }

    /// The parser says of a text that stops in the middle of a line that it stopped on the line after it, which nobody finds.
    fn within(&self, span: Span) -> Span {
        match self.lines.last() {
            Some(last) if span.line > self.lines.len() => {
                Span { line: self.lines.len(), column: last.chars().count() + 1, width: 1, ..span }
            }
            Some(_) | None => span,
        }
    }
}

/// As YAML counts them: a line ends with `\n`, `\r\n` or `\r`.
pub(crate) fn lines(text: &str) -> Vec<&str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r')).collect()
}

/// The widest piece of a line that is shown.
const WINDOW: usize = 110;

/// The piece of the line around the span, and where in that piece the span is.
fn excerpt(line: &str, span: Span) -> (String, Range<usize>) {
    let before = span.column.saturating_sub(1);
    let from = if before.saturating_add(span.width) <= WINDOW { 0 } else { before.saturating_sub(WINDOW / 3) };
    let shown: String = line.chars().skip(from).take(WINDOW).collect();
    let start = before.saturating_sub(from).min(WINDOW);
    let left = shown.trim_end().chars().count().saturating_sub(start);
    (shown, start..start + span.width.min(left).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_in_three_ways() {
        assert_eq!(lines("a\nb\r\nc\rd\n"), ["a", "b", "c", "d", ""]);
    }

    #[test]
    fn the_end_of_a_torn_text_is_on_its_last_line() {
        for (text, beyond, line, column) in
            [("a: {b", 2, 1, 6), ("x\r\na: {b", 3, 2, 6), ("a: {b\n", 2, 2, 1), ("", 2, 1, 1)]
        {
            let beyond = Span { origin: Origin::User, line: beyond, column: 1, width: 3 };
            let place = Source::new("f", text).place(beyond);
            assert_eq!((place.line, place.column), (line, column), "{text:?}");
            assert!(place.mark.start <= place.excerpt.chars().count() && !place.mark.is_empty(), "{place:?}");
        }
    }

    #[test]
    fn a_long_line_is_cut_around_what_is_meant() {
        let line = format!("{}here{}", "x".repeat(5_000), "y".repeat(5_000));
        let span = Span { origin: Origin::User, line: 1, column: 5_001, width: 4 };
        let (shown, mark) = excerpt(&line, span);
        assert_eq!(shown.chars().count(), WINDOW);
        assert_eq!(&shown[mark], "here");
    }
}
