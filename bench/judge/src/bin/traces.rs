//! Judges a trace: `traces REQUESTS.csv [--windows WINDOWS.csv] [--splits 20] [--share 0.2] [--margin 0.1] [--seed 1]`. The
//! format of both files stands in bench/README.md.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this program is its output")]

use std::fs;
use std::process::ExitCode;

use bench_judge::traces::{Answer, Asked, in_splits, in_windows, requests, windows, without_fault};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("traces: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), String> {
    let mut asked = Asked { margin: 0.1, splits: 20, share: 0.2, seed: 1 };
    let (mut trace, mut marked) = (None, None);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().ok_or(format!("{argument} needs a value"));
        let number =
            |text: &String| text.parse::<f64>().map_err(|_| format!("{argument} needs a number, not {text:?}"));
        match argument.as_str() {
            "--windows" => marked = Some(value()?),
            "--splits" => asked.splits = number(value()?)? as u64,
            "--share" => asked.share = number(value()?)?,
            "--margin" => asked.margin = number(value()?)?,
            "--seed" => asked.seed = number(value()?)? as u64,
            option if option.starts_with("--") => return Err(format!("unknown option {option}")),
            _ => trace = Some(argument),
        }
    }
    let trace = trace.ok_or("needs a file of requests; see bench/README.md")?;
    let requests = requests(&read(trace)?).map_err(|problem| format!("{trace}: {problem}"))?;
    let splits = in_splits(&requests, asked).map_err(|problem| problem.to_string())?;
    println!("{} requests", requests.len());
    told(&format!("random splits, {} of the requests as canary", asked.share), &splits);
    if let Some(path) = marked {
        let windows = windows(&read(path)?).map_err(|problem| format!("{path}: {problem}"))?;
        let found = in_windows(&requests, &windows, asked).map_err(|problem| problem.to_string())?;
        for answer in &found {
            let told = answer.harm_s.map_or("not found".to_string(), |second| format!("after {second:.0} s"));
            println!("  {}: {told}", answer.name);
        }
        told(&format!("marked windows ({} of {} have data)", found.len(), windows.len()), &found);
        let calm = without_fault(&requests, &windows, asked).map_err(|problem| problem.to_string())?;
        told("calm stretches against other times of their pod", &calm);
    }
    Ok(())
}

fn told(what: &str, answers: &[Answer]) {
    let mut delays: Vec<f64> = answers.iter().filter_map(|answer| answer.harm_s).collect();
    delays.sort_by(f64::total_cmp);
    let median = delays.get(delays.len() / 2).map_or(String::new(), |second| format!(", median after {second:.0} s"));
    let (minutes, breaches) =
        answers.iter().fold((0, 0), |sum, answer| (sum.0 + answer.minutes.0, sum.1 + answer.minutes.1));
    println!(
        "{what}: harm in {} of {}{median}; p95 above 1.1 times stable's in {breaches} of {minutes} minutes",
        delays.len(),
        answers.len()
    );
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(path).map_err(|problem| format!("{path}: {problem}"))
}
