//! The crash harness: the real program, under load and with releases going on, is killed, frozen and starved in an order that a seed
//! decides, and what it promises is held against what users saw, what people were told and what the journal says.
//! `docs/guide/crash.md` tells it for people. It is no part of the program `tidegate`.

mod blow;
mod control;
mod crowd;
mod disk;
mod gate;
mod ledger;
mod people;
mod process;
mod record;
mod report;
mod site;
mod strike;
mod tape;
mod verdict;

use crate::demo::place::{make_folder, no_room};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::{Color, Out};
use crate::runtime;
use blow::{Deck, Kind};
use control::Control;
use crowd::Crowd;
use people::People;
use record::{Dealt, Record};
use site::Site;
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use strike::Striker;
use verdict::End;

/// How long control may take at first, with the gate and the first version.
const BEGIN_WITHIN: Duration = Duration::from_secs(60);
/// How long the last release may take after the last blow.
const END_WITHIN: Duration = Duration::from_secs(120);
/// How long control may take to stop.
const STOP_WITHIN: Duration = Duration::from_secs(20);
/// How long processes may take to end after the gate was told to stop.
const GONE_WITHIN: Duration = Duration::from_secs(15);
/// How often adopted processes are looked after.
const BURY: Duration = Duration::from_millis(100);

/// A campaign.
#[derive(clap::Parser, Debug)]
#[command(
    name = "crash",
    about = "Kills, freezes and starves the real program under load, and holds it to its promises"
)]
pub struct Args {
    /// How many blows are dealt, if the time allows
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub kills: u32,
    /// For how long, at most; the last release may take a little longer
    #[arg(long, value_name = "N", default_value_t = 20.0, value_parser = minutes)]
    pub minutes: f64,
    /// What decides everything random
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
    /// The program `tidegate`; without it, the one that cargo builds beside this one
    #[arg(long, value_name = "PATH")]
    pub program: Option<PathBuf>,
    /// Where everything is written; without it, a temporary folder, which is kept if a promise was broken
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

fn minutes(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(minutes) if (0.1..=1_440.0).contains(&minutes) => Ok(minutes),
        Ok(_) | Err(_) => Err("it is a number from 0.1 to 1440".into()),
    }
}

/// Runs a campaign: 0 if every promise was kept, 1 otherwise.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let out = Out::new(args.json, Color::Auto);
    let exit = match campaign(args, &out) {
        Ok(exit) => exit,
        Err(failure) => {
            out.failure(&failure);
            Exit::Failed
        }
    };
    ExitCode::from(exit.code())
}

fn campaign(args: &Args, out: &Out) -> Result<Exit, Failure> {
    let program = match args.program.clone().map_or_else(|| build(out), Ok) {
        Ok(program) => program,
        Err(why) => {
            out.note(&format!("there is no program to try: {why}"));
            return Ok(Exit::Failed);
        }
    };
    process::adopt_orphans().map_err(|error| no_room(&error))?;
    let site = Arc::new(Site::make(make_folder(args.dir.as_deref(), "crash")?, program)?);
    let result = runtime::here(Campaign { args, out, site: &site }.play());
    if args.dir.is_none() && matches!(result, Ok(Exit::Done)) {
        let dir = site.dir().to_owned();
        drop(site);
        // What cannot be removed is in a folder for temporary things.
        let _left_behind = std::fs::remove_dir_all(dir);
    } else {
        keep(&site, out);
    }
    result
}

/// What went wrong can only be understood from what was written, and the disks go with this process.
fn keep(site: &Site, out: &Out) {
    let to = site.dir().join("kept");
    let copied = Command::new("cp").arg("-a").arg(site.data()).arg(&to).stderr(Stdio::null()).status();
    match copied {
        Ok(copied) if copied.success() => out.note(&format!("what was written is kept in {}", site.dir().display())),
        Ok(_) | Err(_) => out.note(&format!("what was written could not be copied to {}", to.display())),
    }
}

/// Cargo does not build a program for its example, and an old one would be tried in its place.
fn build(out: &Out) -> Result<PathBuf, String> {
    let here = std::env::current_exe().map_err(|error| error.to_string())?;
    let beside = here.parent().and_then(Path::parent).map(|dir| dir.join("tidegate")).unwrap_or_default();
    if let Some(cargo) = std::env::var_os("CARGO") {
        out.note("building the program that is tried");
        let mut command = Command::new(cargo);
        command.args(["build", "--locked", "--package", "tidegate", "--bin", "tidegate"]);
        if !cfg!(debug_assertions) {
            command.arg("--release");
        }
        match command.stdout(Stdio::null()).status() {
            Ok(built) if built.success() => {}
            Ok(_) => return Err("cargo cannot build it".into()),
            Err(error) => return Err(format!("cargo: {error}")),
        }
    }
    if beside.exists() {
        Ok(beside)
    } else {
        Err(format!("nothing is at {}; name one with --program", beside.display()))
    }
}

struct Campaign<'a> {
    args: &'a Args,
    out: &'a Out,
    site: &'a Arc<Site>,
}

impl Campaign<'_> {
    async fn play(&self) -> Result<Exit, Failure> {
        let told_to_stop = runtime::told_to_stop()?;
        let played = tokio::select! {
            played = self.play_to_the_end() => Some(played),
            () = told_to_stop => None,
        };
        if !matches!(played, Some(Ok(_))) {
            // Control ended with the campaign. The gate is nobody's child, and is told.
            let _ended_already = self.tidegate(&["gate", "stop", "--drain", "0", "--dir"], &self.site.gate_dir());
        }
        played.unwrap_or(Ok(Exit::Failed))
    }

    async fn play_to_the_end(&self) -> Result<Exit, Failure> {
        let record = Record::begin();
        let began = Instant::now();
        let (possible, not_tried) = self.kinds();
        self.say(&record, &format!("seed {}, in {}", self.args.seed, self.site.dir().display()))?;
        for what in not_tried.iter().map(String::as_str).chain(blow::NEVER) {
            self.say(&record, &format!("not tried: {what}"))?;
        }
        let control = Control::start(self.site).map_err(|error| no_room(&error))?;
        let mut people = People::new(self.site, &record, self.args.seed);
        let first = people.first(Instant::now() + BEGIN_WITHIN).await.filter(|first| first.over);
        let Some(first) = first else {
            return Err(Failure::new(Exit::Failed, "TG-7027", "the first release of the campaign did not go live")
                .hint(format!("look into {}", self.site.serve_log().display())));
        };
        let crowd = Crowd::come(self.site.people(), self.args.seed).map_err(|error| no_room(&error))?;
        self.say(&record, &format!("v0 is live, and users come: {} requests a second", crowd::RATE))?;
        let length = Duration::from_secs_f64(self.args.minutes * 60.0);
        let deadline = Instant::now() + length;
        let (over, followed) = (Cell::new(false), Cell::new(false));
        let blows = async {
            let dealt = self.blows(&control, &record, possible, deadline).await;
            over.set(true);
            dealt
        };
        let name = self.site.program_name();
        let releasing = async {
            let released = people.release_until(|| over.get(), deadline + END_WITHIN).await;
            followed.set(true);
            released
        };
        let burying = async {
            while !followed.get() {
                tokio::time::sleep(BURY).await;
                process::bury(&name, control.pid());
            }
        };
        let (dealt, released, ()) = tokio::join!(blows, releasing, burying);
        dealt?;
        let mut releases = vec![first];
        releases.extend(released);
        self.say(&record, "the blows are over, and every release has been followed to its end")?;
        let notes = crowd.go();
        let control_starts = control.starts();
        let left_behind = self.stop(control).await;
        let verified = self.tidegate(&["audit", "verify", "--data"], &self.site.data());
        let mut kept = std::mem::take(&mut *record.kept());
        let end = End {
            data: &self.site.data(),
            seed: self.args.seed,
            began,
            kept: &mut kept,
            notes,
            releases,
            blows_asked: self.args.kills,
            not_tried,
            control_starts,
            verified,
            left_behind,
        };
        let report = end.judge().await?;
        report.tell(self.out)?;
        Ok(if report.ok { Exit::Done } else { Exit::Failed })
    }

    /// What this machine allows, and what it does not.
    fn kinds(&self) -> (Vec<Kind>, Vec<String>) {
        let mut possible = Vec::new();
        let mut not_tried = Vec::new();
        for kind in Kind::ALL {
            match kind.impossible(self.site) {
                None => possible.push(kind),
                Some(why) => not_tried.push(format!("{}: {why}", kind.words())),
            }
        }
        (possible, not_tried)
    }

    async fn blows(
        &self,
        control: &Control,
        record: &Record,
        kinds: Vec<Kind>,
        deadline: Instant,
    ) -> Result<(), Failure> {
        let mut deck = Deck::new(kinds, self.args.seed);
        let striker = Striker { site: self.site, control, record };
        let mut broken = 0;
        for n in 0..self.args.kills {
            let left = deadline.saturating_duration_since(Instant::now());
            let turn = left / (self.args.kills - n);
            let began = Instant::now();
            let Some(kind) = deck.next().filter(|_| !left.is_zero()) else { break };
            let at_s = record.elapsed().as_secs_f64();
            let (dealt, seen) = match striker.deal(kind, &mut deck).await {
                Ok(seen) => (true, seen),
                Err(why) => (false, format!("not dealt: {why}")),
            };
            self.say(record, &format!("{}/{}  {}: {seen}", n + 1, self.args.kills, kind.words()))?;
            record.kept().dealt.push(Dealt { at_s, kind, dealt, seen });
            self.say_what_broke(record, &mut broken)?;
            let pause = deck.pause(turn).saturating_sub(began.elapsed());
            tokio::time::sleep(pause.min(deadline.saturating_duration_since(Instant::now()))).await;
        }
        Ok(())
    }

    /// Requests that failed are judged at the end; everything else is told at once.
    fn say_what_broke(&self, record: &Record, told: &mut usize) -> Result<(), Failure> {
        let broken: Vec<String> = record.kept().broken.values().flatten().cloned().collect();
        if broken.len() > *told {
            *told = broken.len();
            for how in broken {
                self.say(record, &format!("BROKEN {how}"))?;
            }
        }
        Ok(())
    }

    /// Stops everything, and says what is left behind all the same.
    async fn stop(&self, control: Control) -> Vec<String> {
        let mut left = Vec::new();
        if let Err(why) = control.stop(STOP_WITHIN).await {
            left.push(format!("control did not end in order: {why}"));
        }
        if let Err(why) = self.tidegate(&["gate", "stop", "--dir"], &self.site.gate_dir()) {
            left.push(format!("the gate did not end in order: {why}"));
        }
        let name = self.site.program_name();
        let since = Instant::now();
        loop {
            process::bury(&name, None);
            let mut rest = process::descendants();
            rest.extend(process::naming(self.site.dir()));
            rest.sort_unstable_by_key(|process| process.pid);
            rest.dedup_by_key(|process| process.pid);
            if rest.is_empty() {
                return left;
            }
            if since.elapsed() > GONE_WITHIN {
                left.extend(
                    rest.iter().map(|process| {
                        format!("process {} ({}) in state {}", process.pid, process.name, process.state)
                    }),
                );
                return left;
            }
            tokio::time::sleep(BURY).await;
        }
    }

    /// Runs the program to its end; answers the first line that it says.
    fn tidegate(&self, arguments: &[&str], dir: &Path) -> Result<String, String> {
        let output = Command::new(self.site.program()).args(arguments).arg(dir).stdin(Stdio::null()).output();
        let output = output.map_err(|error| error.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().next().unwrap_or_default().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    fn say(&self, record: &Record, what: &str) -> Result<(), Failure> {
        if self.out.json() {
            return Ok(());
        }
        self.out.line(&format!("{:>7.1} s  {what}", record.elapsed().as_secs_f64()))
    }
}
