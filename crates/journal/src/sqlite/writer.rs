//! The one thread that writes.
//!
//! What is queued while the disk syncs is carried out in one transaction and shares the next sync. Nobody suffers for his
//! neighbour: a refusal has written nothing, and when the shared transaction fails each operation is tried again alone
//! and gets its own answer. An answer is sent after the sync and not before.

use std::sync::Arc;
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

use super::OpenError;
use super::connection::{Source, immediately};
use super::operation::{Halt, Operation};
use super::readers::spawn;
use super::rows;
use crate::{Unavailable, UnavailableKind};

/// Operations that may wait; a caller beyond them waits for its turn to queue.
const QUEUE: usize = 1024;

/// Operations that share a transaction, at most.
const GROUP: usize = 128;

pub(super) struct Writer {
    queue: Option<mpsc::Sender<Box<dyn Write>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(
        source: Source,
        connection: Connection,
        height: Arc<watch::Sender<u64>>,
    ) -> Result<Self, OpenError> {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let desk = Desk { source: source.clone(), connection: Some(connection), height };
        let thread = spawn("journal-writer", &source, move || desk.run(waiting))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    pub(super) async fn submit<O: Operation>(&self, operation: O) -> Result<O::Answer, O::Refusal> {
        let (reply, answer) = oneshot::channel();
        let waiting = Box::new(Waiting { operation, outcome: None, reply });
        match &self.queue {
            Some(queue) if queue.send(waiting).await.is_ok() => {
                answer.await.unwrap_or_else(|_| Err(Unavailable::closed().into()))
            }
            Some(_) | None => Err(Unavailable::closed().into()),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // The thread ends when the queue is empty; if it had panicked there would be nobody left to tell.
            let _ = thread.join();
        }
    }
}

/// An operation in the queue, whatever its answer.
trait Write: Send {
    /// Runs inside a transaction and remembers the outcome; an error means that the transaction is lost.
    fn apply(&mut self, connection: &Connection) -> Result<(), Unavailable>;
    /// Tells the caller: the outcome, if the transaction was committed.
    fn answer(self: Box<Self>, committed: Result<(), Unavailable>);
}

struct Waiting<O: Operation> {
    operation: O,
    outcome: Option<Result<O::Answer, O::Refusal>>,
    reply: oneshot::Sender<Result<O::Answer, O::Refusal>>,
}

impl<O: Operation> Write for Waiting<O> {
    fn apply(&mut self, connection: &Connection) -> Result<(), Unavailable> {
        self.outcome = Some(match self.operation.apply(connection) {
            Ok(answer) => Ok(answer),
            Err(Halt::Refused(refusal)) => Err(refusal),
            Err(Halt::Failed(unavailable)) => return Err(unavailable),
        });
        Ok(())
    }

    fn answer(self: Box<Self>, committed: Result<(), Unavailable>) {
        let outcome = match (committed, self.outcome) {
            (Ok(()), Some(outcome)) => outcome,
            (Ok(()), None) => Err(Unavailable::closed().into()),
            (Err(unavailable), _) => Err(unavailable.into()),
        };
        // The caller may have gone; what was written stays written.
        let _ = self.reply.send(outcome);
    }
}

struct Desk {
    source: Source,
    /// Absent after a failure that a fresh connection may cure.
    connection: Option<Connection>,
    height: Arc<watch::Sender<u64>>,
}

impl Desk {
    fn run(mut self, mut waiting: mpsc::Receiver<Box<dyn Write>>) {
        while let Some(first) = waiting.blocking_recv() {
            let mut group = vec![first];
            while group.len() < GROUP {
                match waiting.try_recv() {
                    Ok(next) => group.push(next),
                    Err(_) => break,
                }
            }
            self.serve(group);
        }
    }

    fn serve(&mut self, mut group: Vec<Box<dyn Write>>) {
        match self.commit(&mut group) {
            Ok(()) => group.into_iter().for_each(|write| write.answer(Ok(()))),
            // Locked out: each alone would wait as long again, to hear the same.
            Err(unavailable) if group.len() == 1 || unavailable.kind == UnavailableKind::Busy => {
                group.into_iter().for_each(|write| write.answer(Err(unavailable.clone())));
            }
            Err(_) => {
                for write in group {
                    let mut alone = vec![write];
                    let committed = self.commit(&mut alone);
                    alone.into_iter().for_each(|write| write.answer(committed.clone()));
                }
            }
        }
    }

    fn commit(&mut self, group: &mut [Box<dyn Write>]) -> Result<(), Unavailable> {
        self.source.check_in_place()?;
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.source.writing()?,
        };
        let committed = transact(&connection, group);
        match &committed {
            Ok(height) => {
                publish(&self.height, *height);
                self.connection = Some(connection);
            }
            Err(unavailable) => match unavailable.kind {
                UnavailableKind::DiskFull | UnavailableKind::Busy => self.connection = Some(connection),
                UnavailableKind::ReadOnly
                | UnavailableKind::Damaged
                | UnavailableKind::Io
                | UnavailableKind::Closed => {}
            },
        }
        committed.map(drop)
    }
}

/// Makes a new height of the journal known. It never goes down.
pub(super) fn publish(height: &watch::Sender<u64>, reached: u64) {
    height.send_if_modified(|height| {
        let rises = reached > *height;
        *height = reached.max(*height);
        rises
    });
}

fn transact(connection: &Connection, group: &mut [Box<dyn Write>]) -> Result<u64, Unavailable> {
    let transaction = immediately(connection)?;
    group.iter_mut().try_for_each(|write| write.apply(&transaction))?;
    let height = rows::head(&transaction)?.position;
    transaction.commit()?;
    Ok(height)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::operation::Append;
    use crate::{AppendError, Draft, Entry, Fence};

    type Answer = oneshot::Receiver<Result<Vec<Entry>, AppendError>>;

    /// A desk over a journal of its own, without a thread: what a group gets does not depend on timing.
    struct Office {
        desk: Desk,
        directory: std::path::PathBuf,
    }

    impl Office {
        fn new(name: &str) -> Self {
            let directory = std::env::temp_dir().join(format!("journal-writer-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&directory).unwrap();
            let (source, connection) = Source::open_or_create(&directory.join("journal.db")).unwrap();
            let height = Arc::new(watch::Sender::new(0));
            Self { desk: Desk { source, connection: Some(connection), height }, directory }
        }

        fn allow_pages(&self, pages: i64) {
            let connection = self.desk.connection.as_ref().unwrap();
            let used: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
            connection.pragma_update_and_check(None, "max_page_count", used + pages, |_| Ok(())).unwrap();
        }

        fn serve(&mut self, appends: Vec<Append>) -> Vec<Result<usize, AppendError>> {
            let mut group: Vec<Box<dyn Write>> = Vec::new();
            let mut answers: Vec<Answer> = Vec::new();
            for operation in appends {
                let (reply, answer) = oneshot::channel();
                group.push(Box::new(Waiting { operation, outcome: None, reply }));
                answers.push(answer);
            }
            self.desk.serve(group);
            answers.iter_mut().map(|answer| answer.try_recv().unwrap().map(|entries| entries.len())).collect()
        }

        fn positions(&self) -> Vec<(u64, String)> {
            let entries = rows::all(&self.desk.source.reading().unwrap(), 0, 100).unwrap();
            entries.into_iter().map(|entry| (entry.position, entry.stream)).collect()
        }
    }

    impl Drop for Office {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.directory);
        }
    }

    fn append(stream: &str, expected_seq: u64, bytes: usize) -> Append {
        let draft =
            Draft { kind: "k".to_owned(), at_ms: 0, actor: "a".to_owned(), body: format!("\"{}\"", "x".repeat(bytes)) };
        Append { stream: stream.to_owned(), expected_seq, fence: Fence(0), drafts: vec![draft.clone(), draft] }
    }

    #[test]
    fn a_refusal_does_not_touch_its_neighbours() {
        let mut office = Office::new("refusal");
        let fenced = Append { fence: Fence(9), ..append("c", 0, 1) };
        let answers = office.serve(vec![append("a", 0, 1), append("a", 0, 1), fenced, append("a", 2, 1)]);
        let conflict = AppendError::Conflict { expected: 0, actual: 2 };
        let fenced = AppendError::Fenced { presented: Fence(9), current: Fence(0) };
        assert_eq!(answers, [Ok(2), Err(conflict), Err(fenced), Ok(2)]);
        assert_eq!(office.positions().len(), 4);
    }

    #[test]
    fn one_that_does_not_fit_does_not_keep_out_the_others_and_fits_when_there_is_room() {
        let mut office = Office::new("full");
        office.allow_pages(40);
        let answers = office.serve(vec![append("a", 0, 100), append("b", 0, 1 << 20), append("c", 0, 100)]);
        assert_eq!((&answers[0], &answers[2]), (&Ok(2), &Ok(2)));
        let Err(AppendError::Unavailable(full)) = &answers[1] else { panic!("{:?}", answers[1]) };
        assert_eq!((full.kind, full.code()), (UnavailableKind::DiskFull, "TG-3010"));
        let places = [(1, "a"), (2, "a"), (3, "c"), (4, "c")].map(|(position, stream)| (position, stream.to_owned()));
        assert_eq!(office.positions(), places);

        office.allow_pages(4_000);
        assert_eq!(office.serve(vec![append("b", 0, 1 << 20)]), [Ok(2)]);
    }

    #[test]
    fn the_height_is_published_when_it_is_durable() {
        let mut office = Office::new("height");
        let height = office.desk.height.subscribe();
        office.serve(vec![append("a", 0, 1), append("b", 0, 1)]);
        assert_eq!(*height.borrow(), 4);
        office.serve(vec![append("a", 0, 1)]);
        assert_eq!(*height.borrow(), 4);
    }
}
