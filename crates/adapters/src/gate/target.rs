//! Runs versions as local processes of the gate.

use super::order::{Cast, key};
use super::served::{Gated, gate_can_be_asked};
use crate::failure::{lasting, passing};
use ::gate::wire::{ServiceStatus, VersionState, VersionStatus};
use control::ports::{BoxFuture, Installed, Order, PortError, PortResult, Target};
use engine::Share;
use policy::Target as Wired;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The first pause between two looks at a version, which doubles up to the second.
const FIRST_LOOK: Duration = Duration::from_millis(50);
const SLOWEST_LOOK: Duration = Duration::from_secs(1);
/// A version that ends this often while it should come up will not come up.
const ENDS_ALLOWED: u64 = 3;
/// What a stop may take beyond its grace: requests in flight, and the gate's own work.
const STOP_SLACK: Duration = Duration::from_secs(15);

/// The gate as a target.
pub(crate) struct GateTarget(pub(crate) Gated);

impl Target for GateTarget {
    fn deploy<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async move {
            self.0.held.forget(&key(&order.wiring), &order.canary.version);
            self.0.cast(order, Cast::beside(order, Share::NONE)).await?;
            self.come_up(order).await
        })
    }

    fn promote<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async move {
            // The same process goes on in the other role: for the gate a version is a version.
            self.0.cast(order, Cast::alone(&order.canary)).await?;
            if let Some(old) = &order.stable {
                self.0.held.forget(&key(&order.wiring), &old.version);
            }
            Ok(())
        })
    }

    fn withdraw<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async move {
            match &order.stable {
                Some(stable) => {
                    if let Err(error) = self.0.cast(order, Cast::alone(stable)).await {
                        self.never_was(order, error).await?;
                    }
                    self.go_away(order).await?;
                }
                None => self.0.remove(order).await?,
            }
            self.0.held.forget(&key(&order.wiring), &order.canary.version);
            Ok(())
        })
    }
}

impl GateTarget {
    async fn come_up(&self, order: &Order) -> PortResult<()> {
        let (within, _) = patience(&order.canary);
        let deadline = Instant::now() + within;
        let mut pause = FIRST_LOOK;
        let mut restarts_before = None;
        loop {
            let seen = self.0.seen(order).await?.ok_or_else(|| lost(order))?;
            let canary = version(&seen, &order.canary.version);
            let late = Instant::now() >= deadline;
            if let Some(canary) = canary {
                let ends = canary.restarts.saturating_sub(*restarts_before.get_or_insert(canary.restarts));
                let ends = ends + u64::from(canary.state == VersionState::BackingOff);
                if canary.state == VersionState::Healthy && (late || !old_version_starts(order, &seen)) {
                    return Ok(());
                }
                if ends >= ENDS_ALLOWED {
                    return Err(self.did_not_start(order, canary, &format!("ended {ends} times while it started")));
                }
                if late {
                    let why = format!("was not healthy within {} s", within.as_secs_f32());
                    return Err(self.did_not_start(order, canary, &why));
                }
            } else if late {
                return Err(lost(order));
            }
            sleep(pause).await;
            pause = (pause * 2).min(SLOWEST_LOOK);
        }
    }

    fn did_not_start(&self, order: &Order, canary: &VersionStatus, what: &str) -> PortError {
        let last = canary.last_exit.as_ref().map(|exit| format!("; it ended with {}", how(exit.code, exit.signal)));
        let trouble = canary.trouble.as_ref().map(|problem| format!("; {}: {}", problem.code, problem.detail));
        let log = self.0.client.log(&key(&order.wiring), &canary.version);
        lasting(
            "TG-5007",
            format!("{} {what}{}{}", canary.version, last.unwrap_or_default(), trouble.unwrap_or_default()),
            format!("read {}; the process must listen on 127.0.0.1 at the port in $PORT", log.display()),
        )
    }

    /// An order that was refused from the beginning never brought the canary up, and the same refusal must not keep its
    /// release from ending.
    async fn never_was(&self, order: &Order, error: PortError) -> PortResult<()> {
        if !gate_can_be_asked(&error) {
            return Err(error);
        }
        let canary = &order.canary.version;
        match self.0.seen(order).await? {
            Some(seen) if seen.stable == *canary || version(&seen, canary).is_some() => Err(error),
            Some(_) | None => Ok(()),
        }
    }

    async fn go_away(&self, order: &Order) -> PortResult<()> {
        let (_, grace) = patience(&order.canary);
        let within = grace + STOP_SLACK;
        let deadline = Instant::now() + within;
        let mut pause = FIRST_LOOK;
        loop {
            let seen = self.0.seen(order).await?;
            let pid = match seen.as_ref().and_then(|seen| version(seen, &order.canary.version)) {
                None => return Ok(()),
                Some(canary) if canary.state == VersionState::Stopped && canary.pid.is_none() => return Ok(()),
                Some(canary) => canary.pid,
            };
            if Instant::now() >= deadline {
                let process = pid.map_or_else(String::new, |pid| format!(" (process {pid})"));
                return Err(passing(
                    "TG-5008",
                    format!(
                        "{}{process} is still there {} s after it was withdrawn",
                        order.canary.version,
                        within.as_secs()
                    ),
                    "nobody is sent to it any more; look why it does not end and stop it",
                ));
            }
            sleep(pause).await;
            pause = (pause * 2).min(SLOWEST_LOOK);
        }
    }
}

/// Whether the old version is being started as well, as it is when a gate serves a service for the first time. An old version
/// that is down for another reason must not keep its successor from coming.
fn old_version_starts(order: &Order, seen: &ServiceStatus) -> bool {
    let old = order.stable.as_ref().and_then(|old| version(seen, &old.version));
    old.is_some_and(|old| old.state == VersionState::Starting)
}

fn version<'a>(seen: &'a ServiceStatus, name: &str) -> Option<&'a VersionStatus> {
    seen.versions.iter().find(|version| version.version == name)
}

/// How long the version may take to start and to stop.
fn patience(installed: &Installed) -> (Duration, Duration) {
    match &installed.target {
        Wired::Process(target) => {
            (Duration::from_millis(target.start_within.0), Duration::from_millis(target.stop_grace.0))
        }
        // Refused when the order is made.
        Wired::Command(_) | Wired::Running {} => (Duration::ZERO, Duration::ZERO),
    }
}

/// How a process ended, for people.
pub(super) fn how(code: Option<i32>, signal: Option<i32>) -> String {
    match (code, signal) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "an unknown status".to_owned(),
    }
}

fn lost(order: &Order) -> PortError {
    passing(
        "TG-5009",
        format!("the gate lost {} of {} while it was coming up", order.canary.version, order.wiring.service),
        "read gate.log in the gate's directory; the order is given again",
    )
}
