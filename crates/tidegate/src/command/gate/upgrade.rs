//! `tidegate gate upgrade`: another program takes the gate's place in the same process, and this waits until it answers.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::http::{Address, Ask};
use crate::out::Out;
use ::gate::wire::{SOCKET, Status, Upgrade};
use serde_json::json;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long the new program may take until it answers, beyond the drain.
const START_WITHIN: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(50);

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The directory of the gate
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The new program; without it, what is now at the path that the gate was started from
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
    /// How long requests in flight may take to finish, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    drain: u64,
}

pub(super) async fn run(args: &Args, out: &Out) -> Result<Exit, Failure> {
    let socket = Address::Unix(args.dir.join(SOCKET));
    let no_gate = || Failure::new(Exit::Unreachable, "TG-7015", format!("no gate answers in {}", args.dir.display()));
    let program = args.program.as_ref().map(|program| program.display().to_string());
    let wanted = Upgrade { drain_ms: args.drain.saturating_mul(1_000), program };
    let ask = Ask::post("/v1/upgrade", json!(wanted));
    let answer = socket.ask(ask).await.map_err(|none| no_gate().because(none.to_string()))?;
    let body = answer.json();
    let status = body.clone().and_then(|status| serde_json::from_value::<Status>(status).ok());
    let Some(before) = status.filter(|_| answer.status.is_success()) else {
        let detail = body.and_then(|problem| Some(problem.get("detail")?.as_str()?.to_owned()));
        return Err(Failure::new(Exit::Failed, "TG-7035", "the gate does not make way for a new program")
            .because(detail.unwrap_or_else(|| format!("it answered HTTP {}", answer.status.as_u16())))
            .hint("the gate goes on as it is; look into gate.log in its directory"));
    };
    let deadline = Instant::now() + START_WITHIN + Duration::from_secs(args.drain);
    while Instant::now() < deadline {
        let answer = socket.ask(Ask::get("/v1/status")).await.ok().and_then(|answer| answer.json());
        let now = answer.and_then(|status| serde_json::from_value::<Status>(status).ok());
        if let Some(now) = now.filter(|now| now.boot_id != before.boot_id) {
            if out.json() {
                out.value(&json!({ "pid": now.pid, "before": before.version, "now": now.version }))?;
            } else {
                out.line(&format!("the gate (pid {}) was {} and is {}", now.pid, before.version, now.version))?;
            }
            return Ok(Exit::Done);
        }
        tokio::time::sleep(LOOK).await;
    }
    Err(no_gate().because("the new program does not answer").hint("look into gate.log in its directory"))
}
