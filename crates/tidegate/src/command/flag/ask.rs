//! Asking before something is done. Only a person at a terminal can be asked; whoever is none says beforehand that it is meant.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use std::io::{self, IsTerminal, Write};

/// How a change is confirmed.
#[derive(clap::Args, Debug)]
pub(super) struct Confirm {
    /// Do not ask: do it
    #[arg(long)]
    yes: bool,
    /// Only say what would be different
    #[arg(long, conflicts_with = "yes")]
    pub(super) dry_run: bool,
}

impl Confirm {
    /// Refuses what could not be asked later, before anybody has to read what it would do.
    ///
    /// # Errors
    /// There is nobody to ask.
    pub(super) fn check(&self, out: &Out) -> Result<(), Failure> {
        if self.yes || self.dry_run || (!out.json() && io::stdin().is_terminal()) {
            return Ok(());
        }
        Err(Failure::new(Exit::Usage, "TG-7072", "nobody can be asked whether this is meant")
            .because("this is no terminal, or JSON is wanted")
            .hint("look at it with --dry-run, and do it with --yes"))
    }

    /// Whether it is meant.
    ///
    /// # Errors
    /// The answer cannot be read.
    pub(super) fn meant(&self, question: &str) -> Result<bool, Failure> {
        if self.yes {
            return Ok(true);
        }
        let mut terminal = io::stderr().lock();
        write!(terminal, "{question} [y/N] ")?;
        terminal.flush()?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    }
}
