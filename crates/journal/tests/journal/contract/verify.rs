//! Checking the whole journal. What an attacker does to it is in the tests of each store.

use journal::{DamageKind, Hash, Head, Journal, Place, Report};

use crate::samples_of_work::{NOBODY, append};

pub(crate) async fn an_empty_journal_is_whole(journal: Box<dyn Journal>) {
    assert_eq!(journal.verify().await, Ok(Report { entries: 0, samples: 0, streams: 0, head: Head::EMPTY }));
}

pub(crate) async fn the_report_counts_what_is_there(journal: Box<dyn Journal>) {
    append(&*journal, "a", 0, 3).await.unwrap();
    append(&*journal, "b", 0, 1).await.unwrap();
    for (stream, n) in [("a", 0), ("b", 0), ("a", 1)] {
        journal.append_sample(stream, n, 1, NOBODY, "1".to_owned()).await.unwrap();
    }
    let head = journal.head().await.unwrap();
    assert_eq!(journal.verify().await, Ok(Report { entries: 4, samples: 3, streams: 2, head }));
}

pub(crate) async fn an_anchor_holds_as_the_journal_grows(journal: Box<dyn Journal>) {
    append(&*journal, "a", 0, 3).await.unwrap();
    let anchor = journal.head().await.unwrap();
    append(&*journal, "a", 3, 3).await.unwrap();
    assert_eq!(journal.verify_against(anchor).await.unwrap().entries, 6);
}

pub(crate) async fn a_journal_shorter_than_its_anchor_was_cut(journal: Box<dyn Journal>) {
    append(&*journal, "a", 0, 3).await.unwrap();
    let damage = journal.verify_against(Head { position: 5, hash: Hash([1; 32]) }).await.unwrap_err();
    assert_eq!((damage.what, damage.place), (DamageKind::Truncated, Place::Entry { position: 4 }));
}

pub(crate) async fn another_history_is_told_by_the_anchor(journal: Box<dyn Journal>) {
    append(&*journal, "a", 0, 3).await.unwrap();
    let damage = journal.verify_against(Head { position: 2, hash: Hash([1; 32]) }).await.unwrap_err();
    assert_eq!((damage.what, damage.place), (DamageKind::Rewritten, Place::Entry { position: 2 }));
}
