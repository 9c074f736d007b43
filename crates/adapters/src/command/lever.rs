//! Moves users by commands around a traffic router that Tidegate does not know.

use super::percent::read;
use super::{Shell, about_share, env, run};
use crate::failure::lasting;
use control::ports::{BoxFuture, Lever, Order, PortResult};
use engine::{Share, TakenBack};
use policy::CommandLever as Wired;

/// Commands as a lever.
pub(crate) struct CommandLever(pub(crate) Wired);

impl Lever for CommandLever {
    fn shift<'a>(&'a self, order: &'a Order, share: Share) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async move {
            let Err(error) = run(&self.shell("shift", &self.0.shift), about_share(order, share)).await else {
                return Ok(());
            };
            // What counts is where users are: a canary that never came up has no weight that could be set.
            if share == Share::NONE && self.observe(order).await == Ok(Share::NONE) {
                tracing::warn!(release = order.release, code = error.code, %error, "`shift` failed, and nobody is on the new version");
                return Ok(());
            }
            Err(error)
        })
    }

    fn observe<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, PortResult<Share>> {
        Box::pin(async move {
            let printed = run(&self.shell("observe", &self.0.observe), env::about(order)).await?;
            printed.stdout.as_deref().and_then(read).ok_or_else(|| {
                lasting(
                    "TG-5023",
                    format!("the `observe` command printed no share: {:?}", printed.shown),
                    "print one number from 0 to 100 on the standard output, such as 5 or 12.5, and nothing else",
                )
            })
        })
    }

    fn taken_back<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, PortResult<Option<TakenBack>>> {
        Box::pin(async { Ok(None) })
    }
}

impl CommandLever {
    fn shell<'a>(&'a self, what: &'a str, command: &'a str) -> Shell<'a> {
        let Wired { timeout, env, workdir, .. } = &self.0;
        Shell { what, command, timeout: *timeout, env, workdir }
    }
}
