//! The life of a local process: started, watched, started again after an end that nobody asked for, stopped when it is not wanted.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::start::{Running, not_healthy, start, take_over};
use super::{Charge, health, log};
use crate::wire::{Exit, Problem, ProcessOrder, UnexpectedExit, UpstreamOrder, VersionState};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A process that ran this long did not fail at its start: the next pause is the shortest again.
const RAN_WELL: Duration = Duration::from_secs(10);
/// How long requests in flight may keep an unwanted process.
const DRAIN: Duration = Duration::from_secs(10);
const ROTATE_EVERY: Duration = Duration::from_secs(5);

type Wants = watch::Receiver<Option<UpstreamOrder>>;

/// Why a process is not attended any more.
enum Parting {
    /// It ended by itself.
    Ended(std::io::Result<ExitStatus>),
    /// It did not become healthy in time.
    NeverHealthy,
    /// Something else is wanted: nothing, or a process that is started differently.
    Unwanted,
}

/// Keeps the process up until something else is wanted.
pub(super) async fn keep(charge: &mut Charge, mut order: ProcessOrder, wants: &mut Wants) {
    let mut pause = FIRST_PAUSE;
    loop {
        charge.now(VersionState::Starting);
        let since = Instant::now();
        match take_over_or_start(charge, &order) {
            Ok(mut running) => {
                arrive(charge, &running);
                let parting = attend(charge, &mut running, &mut order, wants).await;
                if !part(charge, running, &order, parting, wants).await {
                    return;
                }
            }
            Err(problem) => charge.trouble(*problem),
        }
        if since.elapsed() >= RAN_WELL {
            pause = FIRST_PAUSE;
        }
        charge.now(VersionState::BackingOff);
        if timeout(pause, changed(&mut order, wants)).await.is_ok() {
            return;
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
        charge.status.borrow_mut().restarts += 1;
    }
}

/// The process that the program before this one has left, or a new one.
fn take_over_or_start(charge: &Charge, order: &ProcessOrder) -> Result<Running, Box<Problem>> {
    let left = charge.surroundings.left.borrow_mut().remove(&charge.name());
    match left.map(|left| (take_over(charge, &left), left)) {
        Some((Ok(running), left)) => {
            charge.status.borrow_mut().restarts = left.restarts;
            if left.healthy {
                charge.now(VersionState::Healthy);
            }
            Ok(running)
        }
        Some((Err(error), left)) => {
            tracing::warn!(service = charge.service, version = charge.label, pid = left.pid, %error, "a process was not there to be taken over");
            start(charge, order)
        }
        None => start(charge, order),
    }
}

fn arrive(charge: &Charge, running: &Running) {
    charge.upstream.move_to(running.address);
    let mut status = charge.status.borrow_mut();
    status.pid = Some(running.pid());
    status.port = Some(running.address.port());
    charge.surroundings.roster.add(&charge.service, &charge.label, running.pid());
    tracing::info!(service = charge.service, version = charge.version, pid = running.pid(), address = %running.address, "a process runs");
}

async fn attend(charge: &Charge, running: &mut Running, order: &mut ProcessOrder, wants: &mut Wants) -> Parting {
    let (address, path) = (running.address, running.log.clone());
    let born = Instant::now();
    let mut ended = std::pin::pin!(running.ended());
    loop {
        // Settings may change while the process goes on: then only the watching starts anew.
        let watching = health::watch(charge, address, health::Settings::of_process(order));
        let start_timeout = Duration::from_millis(order.start_timeout_ms);
        let before = order.clone();
        tokio::select! {
            biased;
            ended = &mut ended => return Parting::Ended(ended),
            unwanted = settings_changed(order, &before, wants) => if unwanted { return Parting::Unwanted },
            () = late(charge, born, start_timeout) => return Parting::NeverHealthy,
            never = watching => match never {},
            never = keep_small(&path) => match never {},
        }
    }
}

/// Takes leave of the process. Says whether another one is to be started.
async fn part(charge: &Charge, running: Running, order: &ProcessOrder, parting: Parting, wants: &Wants) -> bool {
    let grace = Duration::from_millis(order.stop_grace_ms);
    let again = match parting {
        Parting::Ended(ended) => {
            charge.upstream.lost(true);
            running.kill_rest();
            let exit = exit(charge, ended);
            charge.exits.borrow_mut().push(UnexpectedExit {
                version: charge.version.clone(),
                at_ms: exit.at_ms,
                code: exit.code,
                signal: exit.signal,
            });
            tracing::warn!(service = charge.service, version = charge.version, ?exit, "a process ended by itself");
            charge.status.borrow_mut().last_exit = Some(exit);
            true
        }
        Parting::NeverHealthy => {
            charge.upstream.lost(true);
            charge.trouble(*not_healthy(order, &running.log));
            let ended = running.stop(grace).await;
            charge.status.borrow_mut().last_exit = Some(exit(charge, ended));
            true
        }
        Parting::Unwanted => {
            if wants.borrow().is_none() {
                charge.now(VersionState::Stopped);
                drain(charge).await;
            }
            let ended = running.stop(grace).await;
            charge.status.borrow_mut().last_exit = Some(exit(charge, ended));
            false
        }
    };
    charge.surroundings.roster.remove(&charge.service, &charge.label);
    charge.status.borrow_mut().pid = None;
    again
}

/// Lets requests finish that were picked before the version left its arm.
async fn drain(charge: &Charge) {
    let finished = async {
        loop {
            sleep(Duration::from_millis(20)).await;
            if charge.upstream.in_flight() == 0 {
                return;
            }
        }
    };
    if timeout(DRAIN, finished).await.is_err() {
        tracing::warn!(
            service = charge.service,
            version = charge.version,
            "requests in flight were cut off when a version was stopped"
        );
    }
}

/// Returns when something else than `order` is wanted; changes that need no other process are taken over on the way.
async fn changed(order: &mut ProcessOrder, wants: &mut Wants) {
    loop {
        let before = order.clone();
        if settings_changed(order, &before, wants).await {
            return;
        }
    }
}

/// Waits for a change of what is wanted. True if `before` cannot go on under it; otherwise `order` is what is wanted now.
async fn settings_changed(order: &mut ProcessOrder, before: &ProcessOrder, wants: &mut Wants) -> bool {
    if wants.changed().await.is_err() {
        // The keeper's handle is gone, and with it whoever could want anything.
        return true;
    }
    match &*wants.borrow_and_update() {
        Some(UpstreamOrder::Process(wanted)) if starts_alike(before, wanted) => {
            order.clone_from(wanted);
            false
        }
        Some(_) | None => true,
    }
}

/// Whether a process that was started by `one` is what `other` would start.
fn starts_alike(one: &ProcessOrder, other: &ProcessOrder) -> bool {
    one.command == other.command && one.port == other.port && one.env == other.env && one.workdir == other.workdir
}

/// Returns when the process has had its time to become healthy and has not.
async fn late(charge: &Charge, born: Instant, start_timeout: Duration) {
    loop {
        sleep(start_timeout.saturating_sub(born.elapsed())).await;
        if charge.status.borrow().state == VersionState::Starting {
            return;
        }
        std::future::pending::<()>().await;
    }
}

async fn keep_small(path: &std::path::Path) -> std::convert::Infallible {
    loop {
        sleep(ROTATE_EVERY).await;
        let path = path.to_owned();
        let rotated = tokio::task::spawn_blocking(move || log::rotate(&path).map_err(|error| (path, error))).await;
        if let Ok(Err((path, error))) = rotated {
            tracing::warn!(path = %path.display(), %error, "a log could not be put away");
        }
    }
}

fn exit(charge: &Charge, ended: std::io::Result<ExitStatus>) -> Exit {
    let at_ms = charge.surroundings.clock.now_ms();
    match ended {
        Ok(status) => Exit { at_ms, code: status.code(), signal: status.signal() },
        Err(error) => {
            tracing::error!(%error, "how a process ended is not known");
            Exit { at_ms, code: None, signal: None }
        }
    }
}
