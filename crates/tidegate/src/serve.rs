//! `tidegate serve`: the composition root. Everything that the control plane is made of is chosen and put together here,
//! in the order in which it can fail, so that nothing is started that cannot be finished.

mod admin_token;
mod data;
mod flag_lever;
mod flagd_server;
mod listen;
mod policy_file;

pub(crate) use data::JOURNAL;
pub(crate) use policy_file::{read_policy, text_of};

use crate::client::ADMIN_TOKEN;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::{log, runtime};
use adapters::{Adapters, GateProcess, SystemClock};
use control::{Control, Leadership};
use data::Data;
use flag_lever::FlagLever;
use journal::Sqlite;
use policy_file::{PolicyFile, needs_gate};
use server::App;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// Under this name this replica holds the leader's lease. One name for all starts on one data directory: a server that was
/// killed and started again leads at once, and its former self is fenced off.
const HOLDER: &str = "serve";
/// How long requests in flight may take when the gate is stopped with the server.
const DRAIN: Duration = Duration::from_secs(10);

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The policy; it is read anew at each opening of a release
    #[arg(long, value_name = "FILE", default_value = "tidegate.yaml")]
    policy: PathBuf,
    /// Where the journal, the admin's token and the gate are kept
    #[arg(long, value_name = "DIR", default_value = ".tidegate")]
    data: PathBuf,
    /// Where the API listens
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7700")]
    listen: String,
    /// Listen where other machines can connect; traffic is not encrypted
    #[arg(long)]
    allow_remote: bool,
    /// Where clients that evaluate flags themselves connect (flagd's sync, gRPC), e.g. 127.0.0.1:8015; nowhere without it
    #[arg(long, value_name = "ADDR")]
    flagd_sync: Option<String>,
    /// Where clients that ask for each flag connect (flagd's evaluation, gRPC), e.g. 127.0.0.1:8013; nowhere without it
    #[arg(long, value_name = "ADDR")]
    flagd_evaluation: Option<String>,
    /// A page of this origin may ask for flags in its users' browsers, e.g. https://shop.example; may be given several times
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// End the gate and the processes that it runs together with the server
    #[arg(long)]
    stop_gate: bool,
    /// How log lines look
    #[arg(long, value_enum, default_value_t)]
    log: log::Format,
}

pub(crate) fn run(args: &Args, out: &Out) -> Result<Exit, Failure> {
    let policy = PolicyFile::at(&args.policy);
    let data = Data::lock(&args.data)?;
    let gated = match policy.policy() {
        Ok(policy) => needs_gate(&policy),
        // A policy that was broken since must not keep releases under way from being driven, nor taken back.
        Err(failure) if data.has_journal() => {
            out.failure(&failure);
            out.note("going on without it: releases under way are driven, new ones are refused until it is mended");
            false
        }
        Err(failure) => return Err(failure),
    };
    let journal = data.journal()?;
    runtime::threads()?.block_on(async {
        let listener = listen::bind(&args.listen, args.allow_remote).await?;
        let flagd = flagd_server::Listeners::bind(args).await?;
        log::begin(args.log);
        let gate = (gated || data.gate().exists()).then(|| gate_in(&data.gate())).transpose()?;
        let served = serve(args, policy, data.dir(), journal, gate.clone(), (listener, flagd)).await;
        if let Some(gate) = gate.filter(|_| args.stop_gate) {
            gate.shutdown(DRAIN).await?;
        }
        served
    })
}

async fn serve(
    args: &Args,
    policy: PolicyFile,
    dir: &Path,
    journal: Sqlite,
    gate: Option<Arc<GateProcess>>,
    (listener, flagd): (TcpListener, flagd_server::Listeners),
) -> Result<Exit, Failure> {
    let told_to_stop = runtime::told_to_stop()?;
    if let Some(gate) = &gate {
        start_gate(gate).await?;
    }
    let address = gate.as_ref().map(|gate| gate.address());
    let flag_lever = FlagLever::default();
    let adapters = Adapters::new(address).with_flags(Arc::new(flag_lever.clone()));
    let (control, run) = Control::new(Arc::new(journal), Arc::new(adapters), Arc::new(SystemClock), HOLDER);
    let app = App::new(control.clone(), Arc::new(policy));
    flag_lever.attach(app.flags());
    app.allow_origins(args.allow_origin.clone());
    let grpc = flagd_server::begin(&app, flagd).await;
    let url = listener.local_addr().map(listen::url).unwrap_or_else(|_| args.listen.clone());
    tracing::info!(url, policy = %args.policy.display(), data = %dir.display(), "the server is up");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = server::serve(listener, app, console::answer, async {
        // A sender that is gone means the same as one that spoke.
        let _stop = stopped.await;
    });
    let mut driving = tokio::spawn(run.run());
    let mut beside = tokio::spawn(keep(gate));
    let mut first_token = tokio::spawn(first_token(control, dir.to_owned()));
    let mut serving = std::pin::pin!(serving);
    let ended = tokio::select! {
        () = told_to_stop => None,
        served = &mut serving => Some(served),
        // Control runs for ever; if it does not, it failed, and a server that drives nothing must not look well.
        _failed = &mut driving => return Err(gave_up("control")),
    };
    tracing::info!("the server is stopping; the gate and the processes that it runs are left alone");
    grpc.stop();
    for task in [&mut beside, &mut first_token] {
        task.abort();
    }
    driving.abort();
    let _dropped = driving.await;
    let ended = match ended {
        Some(served) => served,
        None => {
            drop(stop);
            serving.await
        }
    };
    match ended {
        Ok(()) => Ok(Exit::Done),
        Err(error) => Err(gave_up("the listener").because(error.to_string())),
    }
}

fn gate_in(dir: &Path) -> Result<Arc<GateProcess>, Failure> {
    let program = std::env::current_exe().map_err(|error| {
        Failure::new(Exit::Failed, "TG-7025", "this program does not know where it is, so it cannot start the gate")
            .because(error.to_string())
            .hint("start it by its full path")
    })?;
    Ok(Arc::new(GateProcess::new(program, dir)))
}

/// The gate may need a moment, and is then kept up; what will not change by waiting ends the start.
async fn start_gate(gate: &GateProcess) -> Result<(), Failure> {
    match gate.ensure().await {
        Ok(status) => {
            tracing::info!(pid = status.pid, boot = status.boot_id, "the gate answers");
            Ok(())
        }
        Err(error) if error.retry => {
            tracing::warn!(
                code = error.code,
                message = error.message,
                hint = error.hint,
                "the gate does not answer yet"
            );
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

async fn keep(gate: Option<Arc<GateProcess>>) {
    if let Some(gate) = gate {
        match gate.keep().await {}
    }
}

/// Gives out the first token as soon as this replica leads: into its file first, and only then is it good.
async fn first_token(control: Control, dir: PathBuf) {
    let mut leadership = control.leadership();
    let mut told = None;
    loop {
        if leadership.wait_for(|now| matches!(now, Leadership::Leads { .. })).await.is_err() {
            return;
        }
        match server::bootstrap(&control, |secret| admin_token::write(&dir, secret)).await {
            Ok(true) => {
                return tracing::info!(file = %dir.join(ADMIN_TOKEN).display(), "the admin's token was written");
            }
            Ok(false) => {
                if !dir.join(ADMIN_TOKEN).exists() {
                    tracing::warn!(code = "TG-7024", "an admin's token is in force, and its file is not here any more");
                }
                return;
            }
            Err(failure) => {
                let words = failure.render(crate::paint::Paint::new(false));
                // A disk may be full for a night; it is said once.
                if told.as_ref() != Some(&words) {
                    tracing::error!("{}", words.trim_end());
                    told = Some(words);
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn gave_up(who: &str) -> Failure {
    Failure::new(Exit::Failed, "TG-7026", format!("{who} gave up; the server ends"))
        .hint("look at the log before this line; start the server again, it goes on where the journal ends")
}
