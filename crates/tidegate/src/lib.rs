//! The one binary: the command line, the server that it starts, and the demo. It puts the other crates together and
//! decides nothing about releases itself. It is a library for one reason: the crash harness (`--example crash`), which is not
//! shipped, drives the same program from outside and shares the words and the load of the demo.

mod cli;
mod client;
mod command;
pub mod crash;
mod demo;
mod exit;
mod failure;
mod forecast;
mod http;
mod log;
mod out;
mod pages;
mod paint;
mod rehearse;
mod render;
mod rule_text;
mod runtime;
mod serve;
mod visible;

use clap::Parser;
use cli::Cli;
use out::Out;
use std::process::ExitCode;

/// The program: its arguments, what they ask for, and the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let out = Out::new(cli.json, cli.color);
    let exit = match command::run(cli, &out) {
        Ok(exit) => exit,
        Err(failure) => {
            out.failure(&failure);
            failure.exit()
        }
    };
    ExitCode::from(exit.code())
}
