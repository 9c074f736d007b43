//! A short crash campaign over the program of this build: every kind of blow that this machine allows, once. The long one is
//! `make crash`.

use std::process::ExitCode;
use tidegate::crash::{Args, run};

#[test]
fn every_promise_is_kept_under_every_kind_of_blow() {
    let args = Args {
        kills: 16,
        minutes: 1.15,
        seed: 1,
        json: false,
        program: Some(env!("CARGO_BIN_EXE_tidegate").into()),
        dir: None,
    };
    assert_eq!(run(&args), ExitCode::SUCCESS, "what was broken is in the report above");
}
