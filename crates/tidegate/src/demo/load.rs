//! The users of the demo: some thousands of people behind a few dozen connections, who ask at a steady rate whatever the
//! shop does, and who write down what they got. What they saw is the measure that nothing of ours can embellish.

mod tally;
mod user;

pub(crate) use tally::{Answer, Fate, Tally};
pub(crate) use user::Connection;

use super::random::Random;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How many connections are kept.
const CONNECTIONS: u32 = 240;
/// How many people ask.
pub(crate) const PEOPLE: u64 = 5_000;

/// People who ask, until they are told to stop.
#[derive(Debug)]
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    notes: Notes,
    thread: Option<JoinHandle<()>>,
}

/// What people write down, to be read while they do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes(Arc<Mutex<Tally>>);

impl Notes {
    /// What was seen so far.
    #[must_use]
    pub(crate) fn tally(&self) -> Tally {
        self.locked().clone()
    }

    fn locked(&self) -> MutexGuard<'_, Tally> {
        // A tally is whole after every note.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Load {
    /// Begins to ask at `address`, `rate` times a second.
    ///
    /// # Errors
    /// There is no room for a thread.
    pub(crate) fn start(address: SocketAddr, rate: u32, seed: u64) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let notes = Notes::default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let people = People { address, rate, seed, stop: Arc::clone(&stop), notes: notes.clone() };
        let thread = std::thread::Builder::new().name("people".into()).spawn(move || runtime.block_on(people.ask()))?;
        Ok(Self { stop, notes, thread: Some(thread) })
    }

    /// What people write down.
    #[must_use]
    pub(crate) fn notes(&self) -> Notes {
        self.notes.clone()
    }

    /// What was seen so far.
    #[must_use]
    pub(crate) fn tally(&self) -> Tally {
        self.notes.tally()
    }

    fn end(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A thread that died shows in its tally, which stands still.
            let _ended = thread.join();
        }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.end();
    }
}

struct People {
    address: SocketAddr,
    rate: u32,
    seed: u64,
    stop: Arc<AtomicBool>,
    notes: Notes,
}

impl People {
    async fn ask(self) {
        let pause = Duration::from_secs(1) * CONNECTIONS / self.rate.max(1);
        let people = Arc::new(self);
        let mut asking = tokio::task::JoinSet::new();
        for n in 0..CONNECTIONS {
            // Spread over the pause, so that they do not ask all at once.
            let begin = tokio::time::Instant::now() + pause * n / CONNECTIONS;
            asking.spawn(Arc::clone(&people).ask_over_one_connection(begin, pause, n));
        }
        while asking.join_next().await.is_some() {}
    }

    async fn ask_over_one_connection(self: Arc<Self>, begin: tokio::time::Instant, pause: Duration, n: u32) {
        let mut random = Random::new(self.seed.wrapping_add(u64::from(n) << 32));
        let mut ticks = tokio::time::interval_at(begin, pause);
        // Who was kept waiting does not ask twice afterwards.
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let mut connection = Connection::new(self.address);
        while !self.stop.load(Ordering::Relaxed) {
            ticks.tick().await;
            let answer = connection.ask(random.below(PEOPLE)).await;
            self.notes.locked().note(answer);
        }
    }
}
