//! `tidegate gate`: the data plane of this machine as a process of its own, how to stop it, and how to give it a new program.

mod upgrade;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::http::{Address, Ask};
use crate::log;
use crate::out::Out;
use crate::runtime;
use clap::Subcommand;
use serde_json::json;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Where its socket, its snapshot and the logs of its processes are
    #[arg(long, value_name = "DIR", required = true)]
    dir: Option<PathBuf>,
    /// Where /metrics can be scraped, e.g. 127.0.0.1:7701
    #[arg(long, value_name = "ADDR")]
    metrics: Option<SocketAddr>,
    /// Write one line of JSON per request into this file; move it away and a new one is begun
    #[arg(long, value_name = "FILE", env = "TIDEGATE_GATE_ACCESS_LOG")]
    access_log: Option<PathBuf>,
    /// How log lines look
    #[arg(long, value_enum, default_value_t)]
    log: log::Format,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Stop the gate: it drains its connections, then ends the processes that it runs
    Stop(Stop),
    /// Give the gate a new program: connections wait, requests finish, the processes that it runs go on
    Upgrade(upgrade::Args),
}

#[derive(clap::Args, Debug)]
struct Stop {
    /// The directory of the gate
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// How long requests in flight may take to finish, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    drain: u64,
}

pub(crate) fn run(args: &Args, out: &Out) -> Result<Exit, Failure> {
    match (&args.verb, &args.dir) {
        (Some(Verb::Stop(stop)), _) => runtime::here(stop_gate(stop, out)),
        (Some(Verb::Upgrade(wanted)), _) => runtime::here(upgrade::run(wanted, out)),
        (None, Some(dir)) => start(dir, args),
        // clap asks for the directory before it comes to this.
        (None, None) => Ok(Exit::Usage),
    }
}

fn start(dir: &Path, args: &Args) -> Result<Exit, Failure> {
    log::begin(args.log);
    let options =
        ::gate::Options { metrics: args.metrics, access_log: args.access_log.clone(), ..::gate::Options::new(dir) };
    match ::gate::run(&options) {
        Ok(()) => Ok(Exit::Done),
        Err(error) => Err(Failure::new(Exit::Failed, error.code(), error.to_string()).hint(error.hint().to_string())),
    }
}

async fn stop_gate(stop: &Stop, out: &Out) -> Result<Exit, Failure> {
    let socket = Address::Unix(stop.dir.join(::gate::wire::SOCKET));
    let ask = Ask::post("/v1/shutdown", json!({ "drain_ms": stop.drain.saturating_mul(1_000) }));
    let answer = socket.ask(ask).await.map_err(|none| {
        Failure::new(Exit::Unreachable, "TG-7015", format!("no gate answers in {}", stop.dir.display()))
            .because(none.to_string())
            .hint("it may have stopped already; `tidegate serve` keeps its gate in <data>/gate")
    })?;
    let status = answer.json().and_then(|status| serde_json::from_value::<::gate::wire::Status>(status).ok());
    let Some(status) = status.filter(|_| answer.status.is_success()) else {
        return Err(Failure::new(Exit::Failed, "TG-7016", "the gate did not agree to stop")
            .because(format!("it answered HTTP {}", answer.status.as_u16()))
            .hint("look into gate.log in its directory"));
    };
    if out.json() {
        out.value(&json!({ "stopping": true, "pid": status.pid }))?;
    } else {
        out.line(&format!("the gate (pid {}) is stopping", status.pid))?;
    }
    Ok(Exit::Done)
}
