//! The threads that read, each with a connection of its own.
//!
//! Threads of ours and not the runtime's pool for blocking work, so that the journal asks nothing of the caller's runtime.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::OpenError;
use super::connection::{Reading, Source};
use super::rows;
use crate::tail::Storage;
use crate::{BoxFuture, Entry, Unavailable, UnavailableKind};

/// One long read must not hold up the short ones.
const THREADS: usize = 2;

type Job = Box<dyn FnOnce(&mut Seat) + Send>;

/// Where reads are handed in. Outlives the threads in the hands of a tail, and answers `Closed` then.
pub(super) struct Readers {
    jobs: Mutex<Option<Sender<Job>>>,
}

/// The threads themselves; dropping it ends them, after what is queued.
pub(super) struct ReadingThreads {
    source: Source,
    readers: Arc<Readers>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(super) fn start(source: &Source) -> Result<(Arc<Self>, ReadingThreads), OpenError> {
        let (jobs, queue) = channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        let readers = Arc::new(Self { jobs: Mutex::new(Some(jobs)) });
        let mut threads = ReadingThreads { source: source.clone(), readers: readers.clone(), threads: Vec::new() };
        for _ in 0..THREADS {
            let (queue, seat) = (queue.clone(), Seat::new(source.clone()));
            threads.threads.push(spawn("journal-reader", source, move || work(&queue, seat))?);
        }
        Ok((readers, threads))
    }

    pub(super) fn run<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Unavailable> + Send + 'static,
    ) -> BoxFuture<'_, Result<T, Unavailable>> {
        Box::pin(async move {
            let (reply, answer) = oneshot::channel();
            let job: Job = Box::new(move |seat| {
                // The caller may have gone.
                let _ = reply.send(seat.read(read));
            });
            let sent = match &*self.jobs.lock().unwrap_or_else(PoisonError::into_inner) {
                Some(jobs) => jobs.send(job).is_ok(),
                None => false,
            };
            if !sent {
                return Err(Unavailable::closed());
            }
            answer.await.unwrap_or_else(|_| Err(Unavailable::closed()))
        })
    }
}

impl Storage for Readers {
    fn read_after(&self, position: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Entry>, Unavailable>> {
        self.run(move |connection| rows::all(connection, position, limit))
    }
}

impl ReadingThreads {
    pub(super) fn source(&self) -> &Source {
        &self.source
    }
}

impl Drop for ReadingThreads {
    fn drop(&mut self) {
        *self.readers.jobs.lock().unwrap_or_else(PoisonError::into_inner) = None;
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing left to close.
            let _ = thread.join();
        }
    }
}

/// Starts a thread of the journal.
pub(super) fn spawn(
    name: &str,
    source: &Source,
    body: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, OpenError> {
    std::thread::Builder::new().name(name.to_owned()).spawn(body).map_err(|error| OpenError::Unavailable {
        path: source.path().to_owned(),
        cause: Unavailable::new(UnavailableKind::Io, format!("no thread for {name}: {error}")),
    })
}

fn work(queue: &Mutex<Receiver<Job>>, mut seat: Seat) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(&mut seat),
            Err(_) => return,
        }
    }
}

/// A connection that is opened when it is needed and again after it failed.
pub(super) struct Seat {
    source: Source,
    connection: Option<Reading>,
}

impl Seat {
    pub(super) fn new(source: Source) -> Self {
        Self { source, connection: None }
    }

    pub(super) fn read<T>(
        &mut self,
        read: impl FnOnce(&Connection) -> Result<T, Unavailable>,
    ) -> Result<T, Unavailable> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.source.reading()?,
        };
        let answer = read(&connection);
        if !connection.holds(&self.source) {
            return Err(Unavailable::new(UnavailableKind::Busy, "somebody began to write the file while it was read"));
        }
        let answer = answer?;
        self.connection = Some(connection);
        Ok(answer)
    }
}
