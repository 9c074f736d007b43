//! The commands, one module each.

mod alarm;
pub(crate) mod audit;
mod backtest;
mod check;
mod explain;
mod flag;
mod gate;
mod init;
mod rehearse;
pub(crate) mod release;
mod rollback;
mod schema;
mod status;
mod token;

use crate::cli::Cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::{demo, runtime, serve};
use clap::Subcommand;

/// What the program can be asked.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Show a whole release process in a minute: a good release goes live, a bad one is taken back
    Demo(demo::Args),
    /// Write a first tidegate.yaml
    Init(init::Args),
    /// Say what is wrong with a policy, with the place and what would be right
    Check(check::Args),
    /// Print the JSON Schema of policies, for editors
    Schema,
    /// Try a policy in simulated worlds, in virtual time: what would happen, when, and what it would cost users
    Rehearse(rehearse::Args),
    /// Put measurements of the past through a policy's judge: its false alarms, and how soon it finds what went wrong
    Backtest(Box<backtest::Args>),
    /// Run the control plane
    Serve(serve::Args),
    /// Open, follow and steer releases
    #[command(subcommand)]
    Release(release::Verb),
    /// Take users back to the old version now: this version is bad
    Rollback(rollback::Args),
    /// Report damaged data or a critical user report to a release; it is taken back if its plan says so
    Alarm(alarm::Args),
    /// Say how the server and its services are
    Status,
    /// Prove that the journal was not changed, or hand it to others
    #[command(subcommand)]
    Audit(audit::Verb),
    /// Feature flags: say who gets what, turn it on and off, ask why
    #[command(subcommand)]
    Flag(Box<flag::Verb>),
    /// Make, list and revoke tokens
    #[command(subcommand)]
    Token(token::Verb),
    /// Run or stop the data plane of this machine; `serve` does it by itself
    Gate(gate::Args),
    /// Print the page of an error code
    Explain(explain::Args),
    /// The application that the demo releases
    #[command(hide = true)]
    DemoApp(demo::app::Args),
}

/// Does what was asked.
///
/// # Errors
/// It did not work, or was refused.
pub(crate) fn run(cli: Cli, out: &Out) -> Result<Exit, Failure> {
    let server = cli.server;
    match cli.command {
        Command::Demo(args) => demo::run(&args, out),
        Command::Init(args) => init::run(&args, out),
        Command::Check(args) => check::run(&args, out),
        Command::Schema => schema::run(out),
        Command::Rehearse(args) => rehearse::run(&args, out),
        Command::Backtest(args) => runtime::here(backtest::run(*args, out)),
        Command::Serve(args) => serve::run(&args, out),
        Command::Release(verb) => runtime::here(release::run(verb, &server, out)),
        Command::Rollback(args) => runtime::here(rollback::run(args, &server, out)),
        Command::Alarm(args) => runtime::here(alarm::run(args, &server, out)),
        Command::Status => runtime::here(status::run(&server, out)),
        Command::Audit(verb) => runtime::here(audit::run(verb, out)),
        Command::Flag(verb) => runtime::here(flag::run(*verb, &server, out)),
        Command::Token(verb) => runtime::here(token::run(verb, &server, out)),
        Command::Gate(args) => gate::run(&args, out),
        Command::Explain(args) => explain::run(&args, out),
        Command::DemoApp(args) => demo::app::run(&args),
    }
}
