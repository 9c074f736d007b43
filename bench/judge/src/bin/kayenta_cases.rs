//! Holds the rebuilt Kayenta against the cases that Kayenta publishes: `kayenta_cases --from CHECKOUT`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this program is its output")]

use std::path::Path;
use std::process::ExitCode;

use bench_judge::kayenta::cases::{self, Agreement, Case};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [option, checkout] = arguments.as_slice() else {
        eprintln!("kayenta_cases: needs --from and the folder of a checkout of spinnaker/kayenta");
        return ExitCode::FAILURE;
    };
    if option != "--from" {
        eprintln!("kayenta_cases: unknown option {option}; there is --from");
        return ExitCode::FAILURE;
    }
    match cases::read(Path::new(checkout)) {
        Ok(cases) => report(&cases),
        Err(problem) => {
            eprintln!("kayenta_cases: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn report(cases: &[Case]) -> ExitCode {
    let (mut agree, mut differ) = (0, 0);
    for case in cases {
        match &case.agreement {
            Agreement::Agrees => agree += 1,
            Agreement::Differs(why) => {
                differ += 1;
                println!("differs: {}, {}: {why}", case.suite, case.name);
            }
            Agreement::LeftOut(why) => println!("left out: {}, {}: {why}", case.suite, case.name),
        }
    }
    let left_out = cases.len() - agree - differ;
    println!("{} cases: {agree} agree, {differ} differ, {left_out} left out", cases.len());
    if differ == 0 && agree > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
