//! Runs versions by commands.

use super::{CommandLever, Shell, about, run};
use control::ports::{BoxFuture, Lever, Order, PortResult, Target};
use engine::Share;
use policy::CommandTarget as Wired;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The pause between two questions whether the new version is ready.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// Commands as a target, with the lever that a promotion needs.
pub(crate) struct CommandTarget {
    pub(crate) wired: Wired,
    pub(crate) lever: CommandLever,
}

impl Target for CommandTarget {
    fn deploy<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async move {
            self.run("deploy", &self.wired.deploy, order).await?;
            match &self.wired.ready {
                Some(ready) => self.become_ready(ready, order).await,
                None => Ok(()),
            }
        })
    }

    /// First the place that everybody will have gets the new version, then everybody goes there, and only then the copy that was
    /// the canary is taken away: it is not needed any more, and at no moment does a user have nothing.
    fn promote<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async move {
            self.run("promote", &self.wired.promote, order).await?;
            self.lever.shift(order, Share::NONE).await?;
            self.run("withdraw", &self.wired.withdraw, order).await
        })
    }

    fn withdraw<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async move { self.run("withdraw", &self.wired.withdraw, order).await })
    }
}

impl CommandTarget {
    async fn run(&self, what: &str, command: &str, order: &Order) -> PortResult<()> {
        self.run_within(what, command, self.wired.timeout.0, order).await
    }

    async fn run_within(&self, what: &str, command: &str, ms: u64, order: &Order) -> PortResult<()> {
        let Wired { env, workdir, .. } = &self.wired;
        let shell = Shell { what, command, timeout: engine::Millis(ms), env, workdir };
        run(&shell, about(order)).await.map(|_| ())
    }

    /// Asks until the answer is yes: a question such as `curl -f http://canary/healthz` fails while the version starts.
    async fn become_ready(&self, ready: &str, order: &Order) -> PortResult<()> {
        let deadline = Instant::now() + Duration::from_millis(self.wired.timeout.0);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let left = u64::try_from(left.as_millis()).unwrap_or(u64::MAX).max(1);
            match self.run_within("ready", ready, left, order).await {
                Err(not_yet) if not_yet.code == "TG-5021" && Instant::now() + ASK_AGAIN < deadline => {
                    tracing::info!(release = order.release, answer = not_yet.message, "not ready yet");
                    sleep(ASK_AGAIN).await;
                }
                result => return result,
            }
        }
    }
}
