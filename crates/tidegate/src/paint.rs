//! Colour, when it is wanted. Nothing is said by colour alone: it repeats what the words say.

/// Whether text is painted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paint {
    on: bool,
}

impl Paint {
    /// Paints when `on`.
    #[must_use]
    pub(crate) const fn new(on: bool) -> Self {
        Self { on }
    }

    /// Whether text is painted.
    #[must_use]
    pub(crate) const fn on(self) -> bool {
        self.on
    }

    /// For headings.
    #[must_use]
    pub(crate) fn bold(self, text: &str) -> String {
        self.sgr("1", text)
    }

    /// For what is beside the point.
    #[must_use]
    pub(crate) fn dim(self, text: &str) -> String {
        self.sgr("2", text)
    }

    /// For harm and errors.
    #[must_use]
    pub(crate) fn red(self, text: &str) -> String {
        self.sgr("1;31", text)
    }

    /// For what went well.
    #[must_use]
    pub(crate) fn green(self, text: &str) -> String {
        self.sgr("32", text)
    }

    /// For what needs attention.
    #[must_use]
    pub(crate) fn yellow(self, text: &str) -> String {
        self.sgr("33", text)
    }

    /// For structure.
    #[must_use]
    pub(crate) fn blue(self, text: &str) -> String {
        self.sgr("34", text)
    }

    fn sgr(self, style: &str, text: &str) -> String {
        if self.on && !text.is_empty() { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
