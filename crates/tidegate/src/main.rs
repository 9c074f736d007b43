//! The one binary: the command line, the server that it starts, and the demo. It puts the other crates together and
//! decides nothing about releases itself.

mod cli;
mod client;
mod command;
mod demo;
mod exit;
mod failure;
mod http;
mod log;
mod out;
mod pages;
mod paint;
mod render;
mod runtime;
mod serve;
mod visible;

use clap::Parser;
use cli::Cli;
use out::Out;
use std::process::ExitCode;

/// Many small objects that come and go, on few threads: what the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
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
