//! The simulator's command line: random worlds by seed until one breaks an invariant, one world in words, or the time that
//! the rollout of the process takes.

mod many;
mod planted;
mod rollout;
mod story;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

const USAGE: &str = "\
sim --seeds N [--from S]   lives N random worlds, each twice; 1 when an invariant is broken
sim --seed S               lives one of them and tells its story
sim --planted [N]          puts a bug into the worlds for each invariant; 1 when one is not found within N worlds (10,000)
sim --rollout [N [RATE]]   times the phases of the process: 5 %, 25 % and 50 %, 3.5 hours, at so many requests per second

--json, with --seeds and --planted: the summary for programs, on standard output
";

/// The simulator is measured with the allocator that the binary has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Answer = Result<ExitCode, Box<dyn Error>>;

fn main() -> ExitCode {
    match asked(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(code) => code,
        Err(error) => {
            // Nobody is left to be told when the terminal is gone.
            let _ = writeln!(io::stderr(), "sim: {error}");
            ExitCode::from(2)
        }
    }
}

fn asked(arguments: &[String]) -> Answer {
    let json = arguments.iter().any(|argument| argument == "--json");
    let words: Vec<&str> = arguments.iter().map(String::as_str).filter(|word| *word != "--json").collect();
    match words.as_slice() {
        ["--seeds", n] => many::live(0, n.parse()?, json),
        ["--seeds", n, "--from", from] | ["--from", from, "--seeds", n] => many::live(from.parse()?, n.parse()?, json),
        ["--seed", seed] => story::tell(seed.parse()?),
        ["--planted"] => planted::uncover_all(10_000, json),
        ["--planted", most] => planted::uncover_all(most.parse()?, json),
        ["--rollout"] => rollout::time(30, rollout::TRAFFIC),
        ["--rollout", times] => rollout::time(times.parse()?, rollout::TRAFFIC),
        ["--rollout", times, rate] => rollout::time(times.parse()?, rate.parse()?),
        _ => {
            write!(io::stderr(), "{USAGE}")?;
            Ok(ExitCode::from(2))
        }
    }
}
