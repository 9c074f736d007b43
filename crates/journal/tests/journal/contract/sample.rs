//! Measurements.

use journal::{AppendError, Head, Journal};

use crate::samples_of_work::{NOBODY, append};

async fn store(journal: &dyn Journal, stream: &str, last: u64, after_seq: u64) -> Result<u64, AppendError> {
    Ok(journal.append_sample(stream, last, after_seq, NOBODY, format!("[{last}]")).await?.n)
}

pub(crate) async fn they_are_numbered_by_stream(journal: Box<dyn Journal>) {
    append(&*journal, "a", 0, 2).await.unwrap();
    assert_eq!(store(&*journal, "a", 0, 0).await, Ok(1));
    assert_eq!(store(&*journal, "b", 0, 0).await, Ok(1));
    assert_eq!(store(&*journal, "a", 1, 2).await, Ok(2));
    assert_eq!(store(&*journal, "a", 2, 2).await, Ok(3));
    let read = journal.read_samples("a", 1, 10).await.unwrap();
    let places: Vec<_> = read.iter().map(|sample| (sample.n, sample.after_seq, sample.body.as_str())).collect();
    assert_eq!(places, [(2, 2, "[1]"), (3, 2, "[2]")]);
    assert_eq!(journal.read_samples("a", 0, 1).await.unwrap().len(), 1);
}

pub(crate) async fn they_leave_the_chain_of_entries_alone(journal: Box<dyn Journal>) {
    store(&*journal, "a", 0, 0).await.unwrap();
    assert_eq!(journal.head().await.unwrap(), Head::EMPTY);
    assert_eq!(journal.streams("").await.unwrap(), []);
}

pub(crate) async fn a_sample_out_of_turn_names_both_ends(journal: Box<dyn Journal>) {
    store(&*journal, "a", 0, 0).await.unwrap();
    for expected in [0, 2, u64::MAX] {
        assert_eq!(store(&*journal, "a", expected, 0).await, Err(AppendError::Conflict { expected, actual: 1 }));
    }
}

pub(crate) async fn they_follow_an_entry_that_exists(journal: Box<dyn Journal>) {
    append(&*journal, "a", 0, 2).await.unwrap();
    store(&*journal, "a", 0, 1).await.unwrap();
    for after_seq in [0, 3, u64::MAX] {
        let refused = store(&*journal, "a", 1, after_seq).await;
        assert!(matches!(refused, Err(AppendError::Malformed { field: "after_seq", .. })), "{refused:?}");
    }
    assert_eq!(store(&*journal, "a", 1, 1).await, Ok(2));
}

pub(crate) async fn any_text_is_a_measurement(journal: Box<dyn Journal>) {
    let written = journal.append_sample("a", 0, 0, NOBODY, "count 3\nmax 7 µs".to_owned()).await.unwrap();
    assert_eq!(journal.read_samples("a", 0, 1).await.unwrap(), [written]);
    let refused = journal.append_sample("a", 1, 0, NOBODY, "a\0b".to_owned()).await;
    assert!(matches!(refused, Err(AppendError::Malformed { field: "body", .. })), "{refused:?}");
}
