//! A server with two channels, tokens that can be taken back, and a record of what clients were sent.

use crate::client::Client;
use flagd::{Caller, Denied, Edition, Protocol, Published, Selector, Subscription, Wants, context_of, serve};
use flags::{Bucketing, FlagSet, Json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

pub(crate) const SYNC_FLAGS: &str = "/flagd.sync.v1.FlagSyncService/SyncFlags";

/// A token for production, and what it is good for.
pub(crate) const READS: &str = "tg_reads";
pub(crate) const EVALUATES: &str = "tg_evaluates";
/// A token for both channels.
pub(crate) const BOTH: &str = "tg_both";

pub(crate) struct World {
    pub(crate) sync: SocketAddr,
    pub(crate) evaluation: SocketAddr,
    pub(crate) channels: Arc<Channels>,
    stop: Vec<oneshot::Sender<()>>,
    serving: Vec<JoinHandle<()>>,
}

impl World {
    pub(crate) async fn new(flags: &str) -> Self {
        let channels = Arc::new(Channels::default());
        channels.publish("production", flags);
        channels
            .publish("staging", r#"{"only-staging":{"state":"ENABLED","variants":{"on":true},"defaultVariant":"on"}}"#);
        let mut world = Self {
            sync: SocketAddr::from(([0; 4], 0)),
            evaluation: SocketAddr::from(([0; 4], 0)),
            channels,
            stop: Vec::new(),
            serving: Vec::new(),
        };
        world.sync = world.listen(Protocol::Sync).await;
        world.evaluation = world.listen(Protocol::Evaluation).await;
        world
    }

    async fn listen(&mut self, protocol: Protocol) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let channels = self.channels.clone();
        self.stop.push(stop);
        self.serving.push(tokio::spawn(async move {
            serve(protocol, listener, channels, async { drop(stopped.await) }).await.unwrap();
        }));
        address
    }

    pub(crate) async fn reader(&self) -> Client {
        Client::to(self.sync).await.header("authorization", &format!("Bearer {READS}"))
    }

    pub(crate) async fn evaluator(&self) -> Client {
        Client::to(self.evaluation).await.header("authorization", &format!("Bearer {EVALUATES}"))
    }

    /// Stops the servers; to be awaited where they have to be over.
    pub(crate) fn stop(&mut self) -> impl Future<Output = ()> + use<> {
        self.stop.drain(..).for_each(|stop| stop.send(()).unwrap());
        let serving = std::mem::take(&mut self.serving);
        async {
            for server in serving {
                server.await.unwrap();
            }
        }
    }
}

#[derive(Default)]
pub(crate) struct Channels {
    editions: Mutex<BTreeMap<String, watch::Sender<Arc<Edition>>>>,
    revoked: watch::Sender<bool>,
    pub(crate) clients: Arc<Mutex<Clients>>,
}

#[derive(Default)]
pub(crate) struct Clients {
    pub(crate) here: usize,
    pub(crate) sent: Vec<u64>,
}

impl Channels {
    /// Publishes the flags of a channel, which are the members of flagd's `flags`.
    pub(crate) fn publish(&self, channel: &str, flags: &str) {
        let mut editions = self.editions.lock().unwrap();
        let revision = editions.get(channel).map_or(1, |known| known.borrow().revision() + 1);
        let edition = Arc::new(edition(channel, revision, flags));
        match editions.get(channel) {
            Some(sender) => drop(sender.send_replace(edition)),
            None => drop(editions.insert(channel.to_owned(), watch::Sender::new(edition))),
        }
    }

    pub(crate) fn revoke_all(&self) {
        self.revoked.send_replace(true);
    }

    /// Waits until the number of clients is this.
    pub(crate) async fn count_to(&self, clients: usize) {
        for _ in 0..500 {
            if self.clients.lock().unwrap().here == clients {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(self.clients.lock().unwrap().here, clients);
    }

    fn admit(&self, caller: &Caller<'_>, wants: Wants) -> Result<watch::Receiver<Arc<Edition>>, Denied> {
        let (may, wanted): (&[&str], _) = match caller.credential {
            _ if *self.revoked.borrow() => return Err(Denied::Unauthenticated),
            Some(READS) => (&["production"], Wants::Sync),
            Some(EVALUATES) => (&["production"], Wants::Evaluate),
            Some(BOTH) => (&["production", "staging"], wants),
            Some(_) | None => return Err(Denied::Unauthenticated),
        };
        let channel = match caller.selector {
            Selector::Any => may[0],
            Selector::FlagSet(channel) | Selector::Source(channel) => channel,
        };
        if wanted != wants || !may.contains(&channel) {
            return Err(Denied::Forbidden);
        }
        self.editions.lock().unwrap().get(channel).map(watch::Sender::subscribe).ok_or(Denied::Forbidden)
    }
}

impl Published for Channels {
    fn current(&self, caller: &Caller<'_>, wants: Wants) -> Result<Arc<Edition>, Denied> {
        Ok(self.admit(caller, wants)?.borrow().clone())
    }

    fn subscribe(&self, caller: &Caller<'_>, wants: Wants) -> Result<Subscription, Denied> {
        let editions = self.admit(caller, wants)?;
        let mut revoked = self.revoked.subscribe();
        let ended = Box::pin(async move { drop(revoked.wait_for(|revoked| *revoked).await) });
        self.clients.lock().unwrap().here += 1;
        Ok(Subscription { editions, ended, client: Box::new(Counted(self.clients.clone())) })
    }
}

struct Counted(Arc<Mutex<Clients>>);

impl flagd::Client for Counted {
    fn sent(&self, revision: u64) {
        self.0.lock().unwrap().sent.push(revision);
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.lock().unwrap().here -= 1;
    }
}

pub(crate) fn edition(channel: &str, revision: u64, flags: &str) -> Edition {
    let document = format!(r#"{{"flags":{flags}}}"#);
    let json: Json = serde_json::from_str(&document).unwrap();
    let set = FlagSet::of_flagd(&json, Bucketing::V3).unwrap();
    Edition::new(revision, &document, Arc::new(set), context_of(channel)).unwrap()
}
