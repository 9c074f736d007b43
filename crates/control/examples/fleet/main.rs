//! How the control plane grows: `cargo run --release -p control --example fleet -- --releases N --seconds S --dir DIR`.
//!
//! A real control plane, with the journal in a file on the disk at hand, the real clock and the real timer, drives N
//! releases in a canary phase that is measured every 5 seconds. Only the world behind the ports is made up, and it
//! answers at once, so that what is seen is control's own cost. `bench/control` runs it for rising N on one core and
//! draws what comes out.

mod counts;
mod evidence;
mod ledger;
mod machine;
mod policy;
mod ports;
mod service;
mod watched;

use control::{Control, Leadership, Live, OpenRelease};
use evidence::{Evidence, Lags};
use ledger::Ledger;
use machine::Usage;
use ports::{World, now_us};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use watched::Watched;

/// The allocator that the binary has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failure = Box<dyn Error + Send + Sync>;

/// How often each release is measured.
const INTERVAL: Duration = Duration::from_secs(5);

/// How long it runs before anything is counted: every release has been measured more than once.
const SETTLE: Duration = Duration::from_secs(12);

/// What a measurement that was due at the end of the window may still take.
const GRACE: Duration = Duration::from_secs(15);

/// How long a bad release may stay undetected before the run gives up on it.
const PATIENCE: Duration = Duration::from_secs(120);

fn main() -> Result<ExitCode, Failure> {
    let asked = Asked::read(&std::env::args().skip(1).collect::<Vec<_>>())?;
    // The threads that `tidegate serve` has.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let evidence = runtime.block_on(run(&asked))?;
    serde_json::to_writer(std::io::stdout(), &evidence.as_json())?;
    Ok(ExitCode::SUCCESS)
}

struct Asked {
    releases: usize,
    window: Duration,
    journal: PathBuf,
}

impl Asked {
    fn read(arguments: &[String]) -> Result<Self, Failure> {
        let value = |name: &str| {
            let place = arguments.iter().position(|argument| argument == name);
            place
                .and_then(|at| arguments.get(at + 1))
                .ok_or(format!("usage: fleet --releases N --seconds S --dir DIR; no {name}"))
        };
        let journal = Path::new(value("--dir")?).join("fleet.db");
        if journal.exists() {
            return Err(format!("{} exists; remove it first", journal.display()).into());
        }
        let releases = value("--releases")?.parse::<usize>()?.max(1);
        Ok(Self { releases, window: Duration::from_secs(value("--seconds")?.parse()?), journal })
    }
}

async fn run(asked: &Asked) -> Result<Evidence, Failure> {
    let ledger = Arc::new(Ledger::of(asked.releases));
    let world = Arc::new(World::of(asked.releases));
    let journal = Arc::new(Watched::new(journal::Sqlite::open(&asked.journal)?, Arc::clone(&ledger)));
    let (control, running) = Control::new(journal.clone(), world.clone(), world.clone(), "fleet");
    let driving = tokio::spawn(running.run());
    let mut leadership = control.leadership();
    leadership.wait_for(|now| matches!(now, Leadership::Leads { .. })).await?;
    let empty = Usage::now()?;

    let began = Instant::now();
    open_all(&control, asked.releases).await?;
    let opened_in = began.elapsed();
    until(&control, asked.releases).await?;
    tokio::time::sleep(SETTLE).await;

    let (before, written_before, from_us) = (Usage::now()?, journal.written(), now_us());
    tokio::time::sleep(asked.window).await;
    let (after, written_after, to_us) = (Usage::now()?, journal.written(), now_us());
    ledger.wait_for(&world, to_us, GRACE).await;
    let lags = Lags::of(&ledger, &world, (from_us, to_us));

    let harm = evidence::take_back(&world, &ledger, asked.releases / 2, PATIENCE).await?;
    let stray = control.list().iter().filter(|live| !ramps(live)).count().saturating_sub(1);
    let evidence = Evidence {
        releases: asked.releases,
        opened_in,
        usage: (empty, before, after),
        written: (written_before, written_after),
        file_bytes: machine::size_of(&asked.journal)?,
        peak: Usage::now()?.peak_kb,
        lags,
        harm,
        stray,
    };
    driving.abort();
    Ok(evidence)
}

async fn open_all(control: &Control, releases: usize) -> Result<(), Failure> {
    for number in 0..releases {
        let policy = policy::of(number)?;
        let ask = OpenRelease {
            service: service::name(number),
            channel: "production".into(),
            release_type: "feature".into(),
            version: "1.1".into(),
            digest: None,
            supersede: false,
            lift_quarantine: None,
            note: None,
        };
        control.open("fleet", ask, &policy, Path::new("/")).await?;
    }
    Ok(())
}

/// Waits until every release has its first users on the new version.
async fn until(control: &Control, releases: usize) -> Result<(), Failure> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let moving = control.list().iter().filter(|live| ramps(live) && live.state.confirmed_share.is_some()).count();
        if moving == releases {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(format!("only {moving} of {releases} releases have begun").into());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

fn ramps(live: &Live) -> bool {
    matches!(live.state.stage, engine::Stage::Ramping(_))
}
