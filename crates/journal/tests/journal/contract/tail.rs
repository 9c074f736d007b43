//! Following the journal.

use std::sync::Arc;
use std::time::Duration;

use journal::{Journal, Tail, UnavailableKind};

use crate::samples_of_work::append;

async fn positions(tail: &mut Tail, number: usize) -> Vec<u64> {
    let mut positions = Vec::new();
    for _ in 0..number {
        positions.push(tail.next().await.unwrap().position);
    }
    positions
}

pub(crate) async fn it_catches_up_and_then_follows(journal: Box<dyn Journal>) {
    append(&*journal, "a", 0, 3).await.unwrap();
    let mut tail = journal.tail(0);
    assert_eq!(positions(&mut tail, 3).await, [1, 2, 3]);
    let follower = tokio::spawn(async move { positions(&mut tail, 2).await });
    append(&*journal, "b", 0, 2).await.unwrap();
    assert_eq!(follower.await.unwrap(), [4, 5]);
}

pub(crate) async fn it_starts_where_it_is_told(journal: Box<dyn Journal>) {
    append(&*journal, "a", 0, 3).await.unwrap();
    let mut tail = journal.tail(2);
    assert_eq!(tail.position(), 2);
    assert_eq!(positions(&mut tail, 1).await, [3]);
    assert_eq!(tail.position(), 3);
}

pub(crate) async fn a_slow_reader_holds_up_nobody_and_misses_nothing(journal: Box<dyn Journal>) {
    let mut tail = journal.tail(0);
    append(&*journal, "a", 0, 1).await.unwrap();
    assert_eq!(positions(&mut tail, 1).await, [1]);
    // Far more than a tail holds at once, while nobody reads.
    for round in 0..20 {
        append(&*journal, "a", 1 + round * 100, 100).await.unwrap();
    }
    assert_eq!(positions(&mut tail, 2_000).await, (2..=2_001).collect::<Vec<_>>());
}

pub(crate) async fn a_dropped_wait_loses_nothing(journal: Box<dyn Journal>) {
    let mut tail = journal.tail(0);
    for after in 0..50 {
        append(&*journal, "a", after, 1).await.unwrap();
        // Given up at every stage of the read, including before it began.
        let _ = tokio::time::timeout(Duration::from_micros(after * 20), tail.next()).await.map(|entry| {
            assert!(entry.is_ok());
        });
    }
    let seen = tail.position();
    assert_eq!(positions(&mut tail, 50 - seen as usize).await, (seen + 1..=50).collect::<Vec<_>>());
}

pub(crate) async fn many_tails_see_the_same(journal: Box<dyn Journal>) {
    let journal: Arc<dyn Journal> = Arc::from(journal);
    let followers: Vec<_> = (0..20)
        .map(|_| {
            let mut tail = journal.tail(0);
            tokio::spawn(async move { positions(&mut tail, 60).await })
        })
        .collect();
    for after in 0..60 {
        append(&*journal, "a", after, 1).await.unwrap();
    }
    for follower in followers {
        assert_eq!(follower.await.unwrap(), (1..=60).collect::<Vec<_>>());
    }
}

pub(crate) async fn it_ends_with_the_journal(journal: Box<dyn Journal>) {
    let mut tail = journal.tail(0);
    let follower = tokio::spawn(async move { tail.next().await });
    tokio::task::yield_now().await;
    drop(journal);
    assert_eq!(follower.await.unwrap().unwrap_err().kind, UnavailableKind::Closed);
}
