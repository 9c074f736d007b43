//! Flags for flagd's protocols: the registry and the tokens behind the port of the crate that speaks them.

use crate::app::App;
use crate::tokens::Bearer;
use flagd::{Caller, Denied, Edition, Published, Selector, Subscription, Wants, context_of};
use flags::access::{Action, Place, allowed};
use registry::Via;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// What flagd's protocols are served from.
pub struct FlagdPort {
    app: App,
    editions: BTreeMap<String, watch::Receiver<Arc<Edition>>>,
    following: Vec<AbortHandle>,
}

impl FlagdPort {
    /// The flags of this server, which are known by now: see [`registry::Registry::known`]. Needs a tokio runtime.
    #[must_use]
    pub fn new(app: &App) -> Self {
        let mut editions = BTreeMap::new();
        let mut following = Vec::new();
        for channel in app.flags().channels().keys() {
            // The channels are the registry's own.
            let Ok(mut changes) = app.flags().watch(channel) else { continue };
            let Some(first) = made(&changes.borrow_and_update()) else { continue };
            let (sender, receiver) = watch::channel(first);
            editions.insert(channel.clone(), receiver);
            let task = async move {
                while changes.changed().await.is_ok() {
                    let edition = changes.borrow_and_update().clone();
                    if let Some(edition) = made(&edition) {
                        sender.send_replace(edition);
                    }
                }
            };
            following.push(tokio::spawn(task).abort_handle());
        }
        Self { app: app.clone(), editions, following }
    }

    fn admit(&self, caller: &Caller<'_>, wants: Wants) -> Result<(Bearer, &str), Denied> {
        let secret = caller.credential.ok_or(Denied::Unauthenticated)?;
        let now_ms = self.app.control().now().0;
        let bearer = self.app.tokens().bearer(secret, now_ms).map_err(|_| Denied::Unauthenticated)?;
        let action = match wants {
            Wants::Sync => Action::Sync,
            Wants::Evaluate => Action::Evaluate,
        };
        let grants = bearer.grants();
        let mut mine = self
            .editions
            .keys()
            .map(String::as_str)
            .filter(|name| allowed(&grants, action, Place { channel: Some(name), kind: None }));
        let channel = match caller.selector {
            Selector::FlagSet(asked) | Selector::Source(asked) => mine.find(|name| *name == asked),
            // A token for several channels must say which it means.
            Selector::Any => mine.next().filter(|_| mine.next().is_none()),
        };
        Ok((bearer, channel.ok_or(Denied::Forbidden)?))
    }

    fn edition(&self, channel: &str) -> Result<&watch::Receiver<Arc<Edition>>, Denied> {
        self.editions.get(channel).ok_or(Denied::Forbidden)
    }
}

impl Drop for FlagdPort {
    fn drop(&mut self) {
        self.following.iter().for_each(AbortHandle::abort);
    }
}

impl Published for FlagdPort {
    fn current(&self, caller: &Caller<'_>, wants: Wants) -> Result<Arc<Edition>, Denied> {
        let (_, channel) = self.admit(caller, wants)?;
        Ok(self.edition(channel)?.borrow().clone())
    }

    fn subscribe(&self, caller: &Caller<'_>, wants: Wants) -> Result<Subscription, Denied> {
        let (bearer, channel) = self.admit(caller, wants)?;
        let editions = self.edition(channel)?.clone();
        let via = match wants {
            Wants::Sync => Via::Sync,
            Wants::Evaluate => Via::Evaluation,
        };
        let agent = [caller.provider, caller.agent].join(" ");
        let now_ms = self.app.control().now().0;
        let connection = self.app.flags().clients().connect(via, channel, &bearer.name, agent.trim(), now_ms);
        let app = self.app.clone();
        let ended = Box::pin(async move {
            tokio::select! {
                () = app.stopped() => {}
                () = app.tokens().shut_out(bearer.number, || app.control().now().0) => {}
            }
        });
        Ok(Subscription { editions, ended, client: Box::new(Client { connection, app: self.app.clone() }) })
    }
}

struct Client {
    connection: registry::Connection,
    app: App,
}

impl flagd::Client for Client {
    fn sent(&self, revision: u64) {
        self.connection.told(revision, self.app.control().now().0);
    }
}

/// An edition as flagd's clients get it. The registry refuses what would not fit; should something still not, clients keep what
/// they have, and the log says so.
fn made(edition: &registry::Edition) -> Option<Arc<Edition>> {
    let context = context_of(&edition.channel);
    match Edition::new(edition.revision, &edition.document, Arc::clone(&edition.set), context) {
        Ok(made) => Some(Arc::new(made)),
        Err(error) => {
            tracing::error!(code = "TG-8009", %error, channel = edition.channel, "an edition cannot be sent");
            None
        }
    }
}
