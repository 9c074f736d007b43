//! Any deployment and any traffic router, by shell commands.
//!
//! A command is what the policy says, to the byte: nothing is ever put into its text. What it should do is said in its
//! environment.

mod env;
mod group;
mod lever;
mod percent;
mod shell;
mod tail;
mod target;

pub(crate) use env::{about, about_share};
pub(crate) use lever::CommandLever;
pub(crate) use shell::{Shell, run};
pub(crate) use target::CommandTarget;
