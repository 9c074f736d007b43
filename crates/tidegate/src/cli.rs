//! The command line as a whole: what is said once for all commands, and the reference page that is generated from it.

#[cfg(test)]
mod reference;

use crate::client::Locator;
use crate::command::Command;
use crate::out::Color;
use clap::Parser;

/// Runs a team's release process: canary rollouts judged by honest statistics and taken back automatically
#[derive(Parser, Debug)]
#[command(name = "tidegate", version, after_help = crate::exit::help(), max_term_width = 110)]
#[command(disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) server: Locator,
    /// Answer in JSON: one value, or one value a line for what goes on
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) color: Color,
}
