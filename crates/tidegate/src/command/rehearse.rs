//! `tidegate rehearse`: what a policy does in worlds that can be described and repeated.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::rehearse::{Rehearsed, Run, Stage, built_in, find, judged, report, value, world};
use crate::serve::{read_policy, text_of};
use crate::visible::visible;
use policy::{Compiled, FaultKind, Lever, Policy, Scenario, Target};
use sim::Aim;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Scenario files, or names of built-in scenarios; without any, every built-in one
    #[arg(value_name = "SCENARIO")]
    scenarios: Vec<String>,
    /// The policy
    #[arg(long, value_name = "FILE", default_value = "tidegate.yaml")]
    policy: PathBuf,
    /// Rehearse the built-in policy for a service behind the gate, without a file
    #[arg(long, conflicts_with = "policy")]
    standard: bool,
    /// Whose release it is; may be left out when the policy has one service
    #[arg(long)]
    service: Option<String>,
    /// Where it goes to
    #[arg(long, default_value = "production")]
    channel: String,
    /// Its type
    #[arg(long = "type", value_name = "TYPE", default_value = "feature")]
    release_type: String,
    /// Where chance begins, instead of what the scenarios say
    #[arg(long)]
    seed: Option<u64>,
    /// How many worlds are lived for each scenario, instead of what it says
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    runs: Option<u64>,
    /// List the built-in scenarios
    #[arg(long)]
    list: bool,
    /// Print a built-in scenario, to begin one of your own with
    #[arg(long, value_name = "NAME", conflicts_with = "list")]
    show: Option<String>,
}

pub(crate) fn run(args: &Args, out: &Out) -> Result<Exit, Failure> {
    if args.list {
        return list(out);
    }
    if let Some(name) = &args.show {
        out.text(find(name).ok_or_else(|| unknown(name))?.text)?;
        return Ok(Exit::Done);
    }
    let scenarios = scenarios(args)?;
    let (source, stage, notes) = stage(args)?;
    for scenario in &scenarios {
        check_hooks(scenario, &stage)?;
    }
    if !out.json() {
        let phases: Vec<String> = stage.plan.phases.iter().map(|phase| phase.share.to_string()).collect();
        let Aim { service, channel, release_type } = &stage.aim;
        let aim = format!("{service} to {channel}, {release_type}: {} ({})", stage.plan.name, phases.join(", "));
        out.line(&format!("policy   {}; {}", visible(&source), visible(&aim)))?;
        notes.iter().try_for_each(|note| out.line(&format!("note     {}", visible(note))))?;
    }
    let alone = scenarios.len() == 1;
    let names = scenarios.iter().map(|scenario| scenario.name.len()).max().unwrap_or(0);
    let mut all = Vec::new();
    for scenario in scenarios {
        let rehearsed = rehearse(scenario, &stage)?;
        if !out.json() {
            out.text(&report(&rehearsed, names, alone, out.paint()))?;
        }
        all.push(rehearsed);
    }
    let met = all.iter().filter(|rehearsed| rehearsed.met()).count();
    if out.json() {
        out.value(&value(&source, &stage, &notes, &all))?;
    } else {
        out.line(&format!("{met} of {} as expected", all.len()))?;
    }
    Ok(if met == all.len() { Exit::Done } else { Exit::Unmet })
}

fn list(out: &Out) -> Result<Exit, Failure> {
    let width = built_in().map(|one| one.name.len()).max().unwrap_or(0);
    let mut listed = Vec::new();
    for one in built_in() {
        let description = policy::read_scenario(one.text, one.name)?.description.unwrap_or_default();
        if !out.json() {
            out.line(&format!("{}  {description}", out.paint().bold(&format!("{:width$}", one.name))))?;
        }
        listed.push(serde_json::json!({ "name": one.name, "description": description }));
    }
    if out.json() {
        out.value(&listed)?;
    }
    Ok(Exit::Done)
}

/// What was asked for, read and with what the command line says instead.
fn scenarios(args: &Args) -> Result<Vec<Scenario>, Failure> {
    let mut scenarios: Vec<Scenario> = if args.scenarios.is_empty() {
        built_in().map(|one| policy::read_scenario(one.text, one.name)).collect::<Result<_, _>>()?
    } else {
        args.scenarios.iter().map(|asked| scenario(asked)).collect::<Result<_, _>>()?
    };
    for scenario in &mut scenarios {
        scenario.seed = args.seed.unwrap_or(scenario.seed);
        scenario.runs = args.runs.unwrap_or(scenario.runs);
    }
    Ok(scenarios)
}

fn scenario(asked: &str) -> Result<Scenario, Failure> {
    let is_file = asked.contains('/') || asked.ends_with(".yaml") || asked.ends_with(".yml");
    if !is_file {
        let built_in = find(asked).ok_or_else(|| unknown(asked))?;
        return Ok(policy::read_scenario(built_in.text, built_in.name)?);
    }
    let text = text_of(Path::new(asked)).map_err(|why| {
        Failure::new(Exit::Failed, "TG-7036", format!("the scenario {asked} cannot be read"))
            .because(why)
            .hint("name a file that is there; `tidegate rehearse --list` names those that are built in")
    })?;
    Ok(policy::read_scenario(&text, asked)?)
}

fn unknown(name: &str) -> Failure {
    Failure::new(Exit::Usage, "TG-7037", format!("there is no built-in scenario `{name}`"))
        .hint("`tidegate rehearse --list` names them; a file of your own ends with .yaml, or has a / in its path")
}

/// The policy and what of it is rehearsed, with remarks about what is not as it will be.
fn stage(args: &Args) -> Result<(String, Stage, Vec<String>), Failure> {
    let (source, policy) = if args.standard {
        ("standard".to_string(), starter()?)
    } else {
        (args.policy.display().to_string(), read_policy(&args.policy)?)
    };
    let service = service(&policy, args.service.as_deref())?;
    let policy = policy.with_live(&service, &args.channel, crate::rehearse::OLD);
    let compiled = policy
        .compile(&service, &args.channel, &args.release_type)
        .map_err(|problem| Failure::of_problem(Exit::Usage, problem))?;
    let notes = notes(&compiled);
    let aim = Aim { service, channel: args.channel.clone(), release_type: args.release_type.clone() };
    Ok((source, Stage { policy: Arc::new(policy), aim, plan: compiled.plan }, notes))
}

/// The built-in policy has no service of its own.
fn starter() -> Result<Policy, Failure> {
    let text = policy::starter("service").map_err(|problem| Failure::of_problem(Exit::Failed, problem))?;
    Ok(policy::read(&text, "standard")?)
}

fn service(policy: &Policy, asked: Option<&str>) -> Result<String, Failure> {
    if let Some(asked) = asked {
        return Ok(asked.to_string());
    }
    let names: Vec<&str> = policy.service_names().collect();
    match names.as_slice() {
        [one] => Ok((*one).to_string()),
        names => Err(Failure::new(
            Exit::Usage,
            "TG-7038",
            format!("the policy has {} services; one is rehearsed", names.len()),
        )
        .hint(format!("say which with --service: {}", names.join(", ")))),
    }
}

fn notes(compiled: &Compiled) -> Vec<String> {
    let wiring = &compiled.wiring;
    let target = match &wiring.target {
        Target::Process(_) => "processes",
        Target::Command(_) => "commands",
        Target::Running {} => "code that runs already",
    };
    let lever = match &wiring.lever {
        Lever::Gate(_) => "the gate",
        Lever::Command(_) => "the lever's commands",
        Lever::Flag(_) => "the flag",
    };
    let mut notes =
        vec![format!("{target}, {lever} and what counts are simulated; control, engine and judge are the real ones")];
    if !compiled.plan.measured {
        notes.push(
            "no signal counts the requests of this service, so the judge stays undecided here as it would in use"
                .into(),
        );
    }
    if !wiring.hooks.is_empty() {
        let names: Vec<&str> = wiring.hooks.iter().map(|(name, _)| name.as_str()).collect();
        notes.push(format!("hooks are not run and end well, unless a scenario says otherwise: {}", names.join(", ")));
    }
    notes
}

/// A hook that does not exist cannot fail, and a test that means one would always be green.
fn check_hooks(scenario: &Scenario, stage: &Stage) -> Result<(), Failure> {
    for fault in &scenario.faults {
        let FaultKind::Hook { fails } = &fault.kind else { continue };
        if !stage.plan.phases.iter().any(|phase| phase.hooks.contains(fails)) {
            return Err(Failure::new(
                Exit::Usage,
                "TG-7039",
                format!("{} lets the hook `{fails}` fail, which no phase of {} runs", scenario.name, stage.plan.name),
            )
            .hint("name a hook of the service or of a phase, or rehearse another service"));
        }
    }
    Ok(())
}

fn rehearse(scenario: Scenario, stage: &Stage) -> Result<Rehearsed, Failure> {
    let seeds: Vec<u64> = (0..scenario.runs).map(|n| scenario.seed.wrapping_add(n)).collect();
    let live = |seed: u64| -> Result<Run, Failure> {
        let rehearsal =
            sim::rehearse(&world(&scenario, stage, seed)).map_err(|error| broken().because(error.to_string()))?;
        let ending = judged(&scenario, &rehearsal);
        Ok(Run { seed, rehearsal, ending })
    };
    let runs = in_parallel(&seeds, live)?;
    Ok(Rehearsed { scenario, runs })
}

/// Worlds have nothing to do with each other; they are told in the order of their seeds.
fn in_parallel(seeds: &[u64], live: impl Fn(u64) -> Result<Run, Failure> + Sync) -> Result<Vec<Run>, Failure> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(seeds.len());
    if workers < 2 {
        return seeds.iter().map(|seed| live(*seed)).collect();
    }
    let share = seeds.len().div_ceil(workers);
    let lived: Vec<Vec<Result<Run, Failure>>> = std::thread::scope(|scope| {
        let live = &live;
        let workers: Vec<_> = seeds
            .chunks(share)
            .map(|part| scope.spawn(move || part.iter().map(|seed| live(*seed)).collect()))
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| vec![Err(broken())])).collect()
    });
    lived.into_iter().flatten().collect()
}

fn broken() -> Failure {
    Failure::new(Exit::Failed, "TG-7040", "the world of a rehearsal broke")
        .hint("report this with the scenario and the seed")
}
