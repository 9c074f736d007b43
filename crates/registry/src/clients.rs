//! Who is connected, and what they were told: so that "the kill reached 412 of 412 clients in 38 ms" is a fact and no hope.
//!
//! Reached means: the connection took the news. A client behind a broken network finds out by its own timeouts; what it uses
//! until then is the last that it was told, and it is listed with that.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often clients that lack an edition are counted again.
const GLANCE: Duration = Duration::from_millis(2);

/// How a client is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// Server-sent events of OFREP: told that something changed, asks for it.
    Events,
    /// flagd's sync: told everything.
    Sync,
    /// flagd's event stream: told that something changed.
    Evaluation,
}

/// A client that is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its number since the server started.
    pub id: u64,
    /// How it is connected.
    pub via: Via,
    /// The channel.
    pub channel: String,
    /// The token that it showed.
    pub token: String,
    /// What it says of itself.
    pub agent: String,
    /// Since when, in milliseconds since 1970.
    pub since_ms: i64,
    /// The edition that its connection took last; 0 if none yet.
    pub edition: u64,
    /// When that was.
    pub told_at_ms: i64,
}

/// How far an edition has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// How many were connected when it was asked.
    pub clients: usize,
    /// How many of them have it.
    pub reached: usize,
    /// How long that took, in milliseconds.
    pub took_ms: u64,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Clients {
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    next: u64,
    clients: BTreeMap<u64, Client>,
}

/// A connection. While it lives, its client is listed.
#[derive(Debug)]
pub struct Connection {
    id: u64,
    clients: Arc<Clients>,
}

impl Clients {
    /// Lists a client until the connection is dropped.
    #[must_use]
    pub fn connect(self: &Arc<Self>, via: Via, channel: &str, token: &str, agent: &str, now_ms: i64) -> Connection {
        let mut held = self.held();
        held.next += 1;
        let id = held.next;
        // What clients say of themselves is theirs, and is shown to people: no line breaks, no end of it.
        let agent = agent.chars().filter(|c| !c.is_control()).take(120).collect();
        let client = Client {
            id,
            via,
            channel: channel.to_string(),
            token: token.to_string(),
            agent,
            since_ms: now_ms,
            edition: 0,
            told_at_ms: now_ms,
        };
        held.clients.insert(id, client);
        Connection { id, clients: Arc::clone(self) }
    }

    /// Who is connected, oldest first.
    #[must_use]
    pub fn list(&self) -> Vec<Client> {
        self.held().clients.values().cloned().collect()
    }

    /// Waits until everybody who is connected now, in this channel, has the edition, for `most` at most.
    pub async fn reach(&self, channel: &str, edition: u64, most: Duration) -> Reach {
        let begin = Instant::now();
        let meant: Vec<u64> =
            self.held().clients.values().filter(|client| client.channel == channel).map(|client| client.id).collect();
        let all = async {
            // Looked at now and then: ten thousand clients that each wake the one who counts them all would take minutes.
            while self.lacking(&meant, edition) > 0 {
                tokio::time::sleep(GLANCE).await;
            }
        };
        // In time or not, what is counted is what is so.
        let _ = tokio::time::timeout(most, all).await;
        let lacking = self.lacking(&meant, edition);
        let took_ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        Reach { clients: meant.len(), reached: meant.len() - lacking, took_ms }
    }

    /// How many of these do not have it. Who has gone needs it no more.
    fn lacking(&self, meant: &[u64], edition: u64) -> usize {
        let held = self.held();
        meant.iter().filter(|id| held.clients.get(id).is_some_and(|client| client.edition < edition)).count()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// The connection took this edition.
    pub fn told(&self, edition: u64, now_ms: i64) {
        if let Some(client) = self.clients.held().clients.get_mut(&self.id) {
            client.edition = client.edition.max(edition);
            client.told_at_ms = now_ms;
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.clients.held().clients.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_is_told_is_counted_and_who_has_gone_is_not_missed() {
        let clients = Arc::new(Clients::default());
        let one = clients.connect(Via::Sync, "production", "web", "py\n1", 0);
        let two = clients.connect(Via::Events, "production", "web", "js", 0);
        let _elsewhere = clients.connect(Via::Sync, "staging", "web", "py", 0);
        assert_eq!(clients.list()[0].agent, "py1");
        one.told(7, 5);
        let reach = clients.reach("production", 7, Duration::from_secs(1)).await;
        assert_eq!((reach.clients, reach.reached), (2, 1));
        drop(two);
        let reach = clients.reach("production", 7, Duration::from_secs(1)).await;
        assert_eq!((reach.clients, reach.reached), (1, 1));
    }
}
