//! Looking after a gate that is a process of its own. This program is also the gate: `gate --dir DIR` runs one, as the real
//! program does, and with a file `broken` in its directory it ends at its start.

#[cfg(test)]
mod stories;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["gate", "--dir", dir] => be_gate(dir),
        ["--list", ..] => ExitCode::SUCCESS,
        _ => {
            #[cfg(test)]
            stories::tell();
            ExitCode::SUCCESS
        }
    }
}

fn be_gate(dir: &str) -> ExitCode {
    let run = || match std::path::Path::new(dir).join("broken").exists() {
        true => Err(gate::GateError::AnotherGate { dir: dir.into() }),
        false => gate::run(&gate::Options::new(dir)),
    };
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let line = format!("error[{}]: {error}\n", error.code());
            let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
            ExitCode::FAILURE
        }
    }
}
