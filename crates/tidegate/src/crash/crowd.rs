//! Users who ask all the time, each request safe to repeat, and who write down every one that failed, with its times. They live
//! on a thread of their own, so that what the harness does holds none of them up.

use super::ledger::{Failed, Fault};
use crate::demo::load::{Answer, Connection, Fate};
use crate::demo::random::Random;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const CONNECTIONS: u32 = 40;
const PEOPLE: u64 = 2_000;
/// The requests per second.
pub(super) const RATE: u32 = 80;

/// What the users wrote down.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    pub(super) requests: u64,
    pub(super) failed: Vec<Failed>,
    /// The longest that anybody waited for a good answer.
    pub(super) slowest: Duration,
}

/// Users, until this is dropped or ended.
#[derive(Debug)]
pub(super) struct Crowd {
    stop: Arc<AtomicBool>,
    notes: Arc<Mutex<Notes>>,
    thread: Option<JoinHandle<()>>,
}

impl Crowd {
    /// Users begin to come.
    ///
    /// # Errors
    /// There is no room for a thread.
    pub(super) fn come(address: SocketAddr, seed: u64) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let notes = Arc::new(Mutex::new(Notes::default()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let users = Arc::new(Users { address, seed, stop: Arc::clone(&stop), notes: Arc::clone(&notes) });
        let thread = std::thread::Builder::new().name("users".into()).spawn(move || runtime.block_on(users.ask()))?;
        Ok(Self { stop, notes, thread: Some(thread) })
    }

    /// Users go. Every request that was sent has ended then.
    pub(super) fn go(mut self) -> Notes {
        self.end();
        locked(&self.notes).clone()
    }

    fn end(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A thread that died shows in its notes, which stand still.
            let _ended = thread.join();
        }
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.end();
    }
}

struct Users {
    address: SocketAddr,
    seed: u64,
    stop: Arc<AtomicBool>,
    notes: Arc<Mutex<Notes>>,
}

impl Users {
    async fn ask(self: Arc<Self>) {
        let pause = Duration::from_secs(1) * CONNECTIONS / RATE;
        let mut asking = tokio::task::JoinSet::new();
        for n in 0..CONNECTIONS {
            // Spread over the pause, so that they do not ask all at once.
            let begin = tokio::time::Instant::now() + pause * n / CONNECTIONS;
            asking.spawn(Arc::clone(&self).ask_over_one_connection(begin, pause, n));
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
            let sent = Instant::now();
            let answer = connection.ask(random.below(PEOPLE)).await;
            note(&mut locked(&self.notes), sent, answer);
        }
    }
}

fn note(notes: &mut Notes, sent: Instant, answer: Answer) {
    let ended = Instant::now();
    notes.requests += 1;
    let fault = match answer.fate {
        // An answer that no version signed comes from nothing that was released here.
        Fate::Fine if answer.version.is_none() => Fault::Unsigned,
        Fate::Fine => {
            notes.slowest = notes.slowest.max(ended.saturating_duration_since(sent));
            return;
        }
        Fate::FailedByVersion(status) => Fault::ByVersion(status),
        Fate::FailedByGate(status) => Fault::ByGate(status),
        Fate::Unanswered(why) => Fault::Unanswered(why),
    };
    notes.failed.push(Failed { sent, ended, version: answer.version, fault });
}

fn locked(notes: &Mutex<Notes>) -> MutexGuard<'_, Notes> {
    // Notes are whole after every request.
    notes.lock().unwrap_or_else(PoisonError::into_inner)
}
