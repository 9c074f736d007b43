//! Smoke tests and user journeys: commands that must end with status 0, URLs that must answer as expected.

use crate::command::{self, Shell, about_share};
use crate::gate::{Gated, key};
use crate::http::{Url, get};
use control::ports::{BoxFuture, Hooks, Order};
use engine::{Millis, Share};
use policy::{CommandHook, Hook, HttpHook};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The pause between two questions to a gate that does not answer.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// The hooks of a service.
pub(crate) struct WiredHooks {
    /// Knows where both versions answer, if it runs them.
    pub(crate) gate: Option<Gated>,
}

impl Hooks for WiredHooks {
    fn run<'a>(&'a self, order: &'a Order, hook: &'a str, share: Share) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            match order.wiring.hooks.iter().find(|(name, _)| name == hook) {
                Some((_, Hook::Command(wired))) => self.run_command(order, hook, wired, share).await,
                Some((_, Hook::Http(wired))) => journey(wired).await,
                None => {
                    Err(format!("TG-5034: the release has no hook {hook:?}; it was opened with a policy without it"))
                }
            }
        })
    }
}

impl WiredHooks {
    async fn run_command(&self, order: &Order, name: &str, wired: &CommandHook, share: Share) -> Result<(), String> {
        let mut told = about_share(order, share);
        if let Some(gate) = &self.gate {
            told.extend(addresses(gate, order, wired.timeout).await?);
        }
        let shell =
            Shell { what: name, command: &wired.run, timeout: wired.timeout, env: &wired.env, workdir: &wired.workdir };
        command::run(&shell, told).await.map(|_| ()).map_err(|error| error.to_string())
    }
}

async fn journey(wired: &HttpHook) -> Result<(), String> {
    let url = Url::read(&wired.url).map_err(|error| error.to_string())?;
    let answer = get(&url, wired.timeout).await.map_err(|error| error.to_string())?;
    if answer.status.as_u16() == wired.expect {
        return Ok(());
    }
    let redirect = match answer.location {
        Some(_) if answer.status.is_redirection() => "; redirects are not followed",
        _ => "",
    };
    Err(format!("TG-5033: {url} answered {}, expected {}{redirect}", answer.status.as_u16(), wired.expect))
}

/// Where each version answers by itself, past the split: a smoke test of the new version must not reach the old one.
async fn addresses(gate: &Gated, order: &Order, patience: Millis) -> Result<Vec<(&'static str, String)>, String> {
    let deadline = Instant::now() + Duration::from_millis(patience.0);
    let seen = loop {
        match gate.client.service(&key(&order.wiring), order.turn).await {
            Ok(seen) => break seen,
            Err(error) => {
                let error = gate.client.failure("asking where the versions answer", error);
                if !error.retry || Instant::now() + ASK_AGAIN >= deadline {
                    return Err(error.to_string());
                }
                sleep(ASK_AGAIN).await;
            }
        }
    };
    let port = |version: &str| {
        let status = seen.as_ref().and_then(|seen| seen.versions.iter().find(|status| status.version == version));
        status.and_then(|status| status.port)
    };
    let url = |version: &str| port(version).map_or_else(String::new, |port| format!("http://127.0.0.1:{port}"));
    let stable = order.stable.as_ref().map_or_else(String::new, |stable| url(&stable.version));
    Ok(vec![("TIDEGATE_CANARY_URL", url(&order.canary.version)), ("TIDEGATE_STABLE_URL", stable)])
}
