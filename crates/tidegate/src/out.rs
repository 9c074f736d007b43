//! The only way to a terminal: everything that the program says goes through here, so that `--json`, colour and a reader
//! that went away are thought of once.

use crate::failure::Failure;
use crate::paint::Paint;
use clap::ValueEnum;
use serde::Serialize;
use std::io::{self, IsTerminal, Write};

/// When to paint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Standard output and standard error, with what was asked of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Out {
    json: bool,
    terminal: bool,
    paint: Paint,
    paint_notes: Paint,
}

impl Out {
    /// For a command line with these options.
    #[must_use]
    pub(crate) fn new(json: bool, color: Color) -> Self {
        let wanted = |terminal: bool| match color {
            Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
            Color::Always => true,
            Color::Never => false,
        };
        let terminal = io::stdout().is_terminal();
        Self {
            json,
            terminal: terminal && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
            paint: Paint::new(wanted(terminal) && !json),
            paint_notes: Paint::new(wanted(io::stderr().is_terminal())),
        }
    }

    /// Whether programs read, not people.
    #[must_use]
    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// Whether standard output is a terminal on which lines can be drawn again.
    #[must_use]
    pub(crate) fn terminal(&self) -> bool {
        self.terminal && !self.json
    }

    /// Colour for standard output.
    #[must_use]
    pub(crate) fn paint(&self) -> Paint {
        self.paint
    }

    /// How many columns and rows the terminal has.
    #[must_use]
    pub(crate) fn size(&self) -> (usize, usize) {
        match rustix::termios::tcgetwinsize(io::stdout()) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (usize::from(size.ws_col), usize::from(size.ws_row)),
            Ok(_) | Err(_) => (100, 30),
        }
    }

    /// One line for people.
    ///
    /// # Errors
    /// Nobody reads, or it cannot be written.
    pub(crate) fn line(&self, text: &str) -> Result<(), Failure> {
        self.text(&format!("{text}\n"))
    }

    /// Text as it is.
    ///
    /// # Errors
    /// As [`Out::line`].
    pub(crate) fn text(&self, text: &str) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        Ok(stdout.flush()?)
    }

    /// One value for programs, on one line.
    ///
    /// # Errors
    /// As [`Out::line`].
    pub(crate) fn value(&self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(value).map_err(io::Error::other)?;
        self.line(&text)
    }

    /// A remark beside the answer, on standard error. A reader of remarks that went away is not missed.
    pub(crate) fn note(&self, text: &str) {
        let _nobody_reads = io::stderr().lock().write_all(format!("{text}\n").as_bytes());
    }

    /// The last word about a failure, on standard error.
    pub(crate) fn failure(&self, failure: &Failure) {
        let text = match (self.json, failure.to_json()) {
            (true, Some(value)) => format!("{value}\n"),
            (true, None) => return,
            (false, _) => failure.render(self.paint_notes),
        };
        let _nobody_reads = io::stderr().lock().write_all(text.as_bytes());
    }
}
