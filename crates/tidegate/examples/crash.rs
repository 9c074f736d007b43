//! The crash harness as a program: `cargo run --release -p tidegate --example crash -- --kills 200 --minutes 20 --seed 1`.
//! See `docs/guide/crash.md`.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    tidegate::crash::run(&tidegate::crash::Args::parse())
}
