//! `tidegate demo`: a whole release process in a minute, for real. This program starts itself as a server, which starts the
//! gate, which starts the demo's application; thousands of users ask; 1.1 goes live, 1.2 has a fault. At the end it takes
//! nobody's word: it checks what the users saw, what the journal says and what the gate counted.

mod act;
pub(crate) mod app;
mod check;
mod control_process;
pub(crate) mod evidence;
mod fault;
pub(crate) mod gate_view;
mod kills;
pub(crate) mod load;
mod outage;
pub(crate) mod place;
pub(crate) mod plan;
pub(crate) mod random;
pub(crate) mod report;
mod story;

use crate::client::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::runtime;
use act::{Act, Person};
use control_process::ControlProcess;
use fault::Fault;
use kills::Kills;
use load::{Load, PEOPLE};
use outage::Outage;
use place::Place;
use plan::{Plan, RATE};
use report::Report;
use server::dto::Release;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use story::Story;

/// What stable is known by before anything is compared with it.
const ACQUAINTANCE: Duration = Duration::from_millis(1_500);

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// What is wrong with version 1.2
    #[arg(long, value_enum, default_value_t)]
    fault: Fault,
    /// How many times as fast as the process's own plan
    #[arg(long, value_name = "N", default_value_t = 300.0, value_parser = speed)]
    speed: f64,
    /// End when both releases have ended, with 0 only if everything ended as it should
    #[arg(long)]
    exit: bool,
    /// Kill the control plane this many times at random moments
    #[arg(long, value_name = "N", default_value_t = 0)]
    kills: u32,
    /// What decides everything random
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Where everything is written, and kept; without it, a temporary folder that is removed at the end
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (1.0..=10_000.0).contains(&speed) => Ok(speed),
        Ok(_) | Err(_) => Err("it is a number from 1 to 10000".into()),
    }
}

pub(crate) fn run(args: &Args, out: &Out) -> Result<Exit, Failure> {
    let place = Place::make(args.dir.as_deref())?;
    let result = runtime::here(play(args, out, &place));
    // What went wrong can only be understood from what was written.
    if args.dir.is_none() && !matches!(result, Ok(Exit::Done)) {
        out.note(&format!("what was written is kept in {}", place.keep().display()));
    }
    result
}

async fn play(args: &Args, out: &Out, place: &Place) -> Result<Exit, Failure> {
    let began = Instant::now();
    let plan = Plan::new(args.speed)?;
    let story = Arc::new(Story::new(*out));
    place.write(&plan, args.fault)?;
    prologue(&story, &plan, place)?;
    let told_to_stop = runtime::told_to_stop()?;
    let control = ControlProcess::start(place, &story)?;
    let demo = Demo { args, plan: &plan, place, story: &story, control: &control };
    let ended = tokio::select! {
        ended = demo.all(began, out) => ended,
        // Whoever stops the demo has seen enough.
        () = told_to_stop => Ok(if args.exit { Exit::Failed } else { Exit::Done }),
    };
    if !out.json() {
        out.note("stopping the control plane, the gate and the application");
    }
    control.stop().await;
    ended
}

fn prologue(story: &Story, plan: &Plan, place: &Place) -> Result<(), Failure> {
    story.say(&format!("A shop with {PEOPLE} users behind Tidegate's gate, in {}.", place.dir().display()))?;
    for line in plan.honestly() {
        story.aside(&line)?;
    }
    Ok(())
}

struct Demo<'a> {
    args: &'a Args,
    plan: &'a Plan,
    place: &'a Place,
    story: &'a Arc<Story>,
    control: &'a ControlProcess,
}

impl Demo<'_> {
    async fn all(&self, began: Instant, out: &Out) -> Result<Exit, Failure> {
        let client = self.place.client(self.control).await?;
        if console::is_built() {
            let link = self.place.console().map_err(|error| place::no_room(&error))?;
            self.story.say(&format!("Watch it in a browser: {link}"))?;
        } else {
            self.story.aside("The console was not built into this program: `make console`, then build it again.")?;
        }
        let load = self.first_release(&client).await?;
        let report = self.releases(&client, &load).await?.took(began.elapsed());
        report.tell(out)?;
        if self.args.exit {
            return Ok(if report.ok { Exit::Done } else { Exit::Failed });
        }
        if !out.json() {
            for line in report::what_to_try(self.place) {
                out.line(&line)?;
            }
        }
        // Until Ctrl-C, which is heard elsewhere.
        std::future::pending().await
    }

    async fn first_release(&self, client: &Client) -> Result<Load, Failure> {
        self.story
            .say("1.0 is the shop's first release: there is nothing to compare it with, so it goes live at once.")?;
        let first = act::play(client, self.story, "1.0", Person::GoOn, |_| {}).await?;
        if Exit::of_stage(first.stage) != Exit::Done {
            return Err(Failure::new(Exit::Failed, "TG-7027", "the first release of the demo did not go live")
                .because(first.headline)
                .hint(format!("look into {}", self.place.server_log().display())));
        }
        let load = Load::start(self.place.people(), RATE, self.args.seed).map_err(|error| place::no_room(&error))?;
        self.story.people(load.notes());
        self.story.say(&format!("Users come: {RATE} requests a second."))?;
        tokio::time::sleep(ACQUAINTANCE).await;
        Ok(load)
    }

    async fn releases(&self, client: &Client, load: &Load) -> Result<Report, Failure> {
        let kills = Kills::begin(self.args.kills, self.args.seed, self.plan.length(), self.control);
        let before = load.tally();
        self.story.say("1.1 is well: it should go live.")?;
        let good = act::play(client, self.story, "1.1", Person::GoOnThenAdvance, |_| {}).await?;
        if !good.over {
            return Err(Failure::new(Exit::Failed, "TG-7033", "1.1 waits for a person again and again")
                .because(good.headline)
                .hint("this machine is too busy for so short a plan; give it more time with a lower --speed"));
        }
        let between = load.tally();
        self.story.say(&format!("1.2: {}.", self.args.fault.story()))?;
        let mut outage = Outage::plan(self.args.fault, self.plan, self.place, self.story);
        let person = match self.args.fault {
            Fault::Dependency => Person::Advance("both versions failed alike while what they depend on was down"),
            Fault::None => Person::GoOnThenAdvance,
            Fault::Errors | Fault::Latency | Fault::Crash | Fault::Drift => Person::GoOn,
        };
        let second = act::play(client, self.story, "1.2", person, |release| outage.notice(release)).await?;
        let killed = kills.finish().await;
        let after = load.tally();
        let run = check::Run {
            fault: self.args.fault,
            place: self.place,
            kills: (self.args.kills, killed),
            restarts: self.control.restarts(),
        };
        let act = |release: &Release, version, should_end, seen| Act {
            id: release.id.clone(),
            version,
            ended: Exit::of_stage(release.stage),
            should_end,
            seen,
        };
        let acts = [
            act(&good, "1.1", Exit::Done, between.since(&before)),
            act(&second, "1.2", self.args.fault.should_end(), after.since(&between)),
        ];
        check::everything(&run, acts).await
    }
}
