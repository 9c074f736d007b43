//! A line made of spans, so that it can be cut to the width of a terminal before colour makes its length unknowable.

use crate::paint::Paint;
use crate::visible::{cut, visible};

/// How a span looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// As it is.
    Plain,
    /// A heading.
    Bold,
    /// Beside the point.
    Dim,
    /// Well.
    Good,
    /// Needs attention.
    Warn,
    /// Harm.
    Bad,
    /// Under way.
    Now,
}

/// A line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    spans: Vec<(Style, String)>,
}

impl Line {
    /// An empty line.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// With another span; what a terminal would obey is made visible.
    #[must_use]
    pub(crate) fn with(mut self, style: Style, text: impl AsRef<str>) -> Self {
        self.spans.push((style, visible(text.as_ref())));
        self
    }

    /// With plain text.
    #[must_use]
    pub(crate) fn plain(self, text: impl AsRef<str>) -> Self {
        self.with(Style::Plain, text)
    }

    /// Painted, and cut to `width` characters.
    #[must_use]
    pub(crate) fn paint(&self, paint: Paint, width: usize) -> String {
        let mut left = width;
        let mut out = String::new();
        for (style, text) in &self.spans {
            if left == 0 {
                break;
            }
            let text = cut(text, left);
            left -= text.chars().count().min(left);
            out.push_str(&styled(paint, *style, &text));
        }
        out.trim_end().to_owned()
    }
}

fn styled(paint: Paint, style: Style, text: &str) -> String {
    match style {
        Style::Plain => text.to_owned(),
        Style::Bold => paint.bold(text),
        Style::Dim => paint.dim(text),
        Style::Good => paint.green(text),
        Style::Warn => paint.yellow(text),
        Style::Bad => paint.red(text),
        Style::Now => paint.blue(text),
    }
}

/// The text in lines of at most `width` characters, broken at spaces; the last of at most `most` lines is cut.
#[must_use]
pub(crate) fn wrap(text: &str, width: usize, most: usize) -> Vec<String> {
    let text = visible(text);
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            last.push_str(" …");
        }
    }
    lines.iter().map(|line| cut(line, width)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutting_ignores_colour() {
        let line = Line::new().with(Style::Bold, "abc").with(Style::Bad, "defgh");
        assert_eq!(line.paint(Paint::new(false), 5), "abcd…");
        assert_eq!(line.paint(Paint::new(true), 5), "\u{1b}[1mabc\u{1b}[0m\u{1b}[1;31md…\u{1b}[0m");
    }

    #[test]
    fn text_is_wrapped_at_spaces() {
        assert_eq!(wrap("one two three four", 9, 9), ["one two", "three", "four"]);
        assert_eq!(wrap("one two three four", 9, 2), ["one two", "three …"]);
    }
}
