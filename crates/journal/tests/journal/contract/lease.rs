//! Who leads, and until when.

use std::sync::Arc;

use journal::{Journal, LeaseError};

pub(crate) async fn it_is_held_to_its_last_millisecond(journal: Box<dyn Journal>) {
    journal.acquire("one", 1_000, 500).await.unwrap();
    let refused = journal.acquire("two", 1_499, 500).await;
    assert_eq!(refused, Err(LeaseError::Held { by: "one".to_owned(), until_ms: 1_500 }));
    let taken = journal.acquire("two", 1_500, 500).await.unwrap();
    assert_eq!((taken.holder.as_str(), taken.until_ms), ("two", 2_000));
}

pub(crate) async fn the_same_holder_gets_a_new_fence_at_once(journal: Box<dyn Journal>) {
    let before = journal.acquire("one", 0, 500).await.unwrap();
    let after = journal.acquire("one", 1, 500).await.unwrap();
    assert!(after.fence > before.fence);
    let lost = LeaseError::Lost { presented: before.fence, current: after.fence };
    assert_eq!(journal.renew(&before, 2, 500).await, Err(lost));
}

pub(crate) async fn renewal_prolongs_under_the_same_fence(journal: Box<dyn Journal>) {
    let lease = journal.acquire("one", 0, 500).await.unwrap();
    let renewed = journal.renew(&lease, 400, 500).await.unwrap();
    assert_eq!((renewed.fence, renewed.until_ms), (lease.fence, 900));
    assert!(matches!(journal.acquire("two", 899, 500).await, Err(LeaseError::Held { until_ms: 900, .. })));
}

pub(crate) async fn a_lease_that_ran_out_is_renewed_if_nobody_took_it(journal: Box<dyn Journal>) {
    let lease = journal.acquire("one", 0, 500).await.unwrap();
    assert_eq!(journal.renew(&lease, 5_000, 500).await.unwrap().until_ms, 5_500);
}

pub(crate) async fn a_lease_taken_over_is_lost(journal: Box<dyn Journal>) {
    let old = journal.acquire("one", 0, 500).await.unwrap();
    let new = journal.acquire("two", 500, 500).await.unwrap();
    let lost = LeaseError::Lost { presented: old.fence, current: new.fence };
    assert_eq!(journal.renew(&old, 501, 500).await, Err(lost.clone()));
    assert_eq!(journal.release(&old).await, Err(lost));
    assert_eq!(journal.renew(&new, 501, 500).await.unwrap().until_ms, 1_001);
}

pub(crate) async fn fences_rise_through_release_and_expiry(journal: Box<dyn Journal>) {
    let mut fences = Vec::new();
    for round in 0..4 {
        let lease = journal.acquire("one", round * 1_000, 10).await.unwrap();
        fences.push(lease.fence);
        if round % 2 == 0 {
            journal.release(&lease).await.unwrap();
            fences.push(journal.acquire("two", round * 1_000 + 1, 10).await.unwrap().fence);
        }
    }
    assert!(fences.is_sorted_by(|a, b| a < b), "{fences:?}");
}

pub(crate) async fn of_racing_candidates_one_leads(journal: Box<dyn Journal>) {
    let journal: Arc<dyn Journal> = Arc::from(journal);
    let candidates: Vec<_> = (0..12)
        .map(|n| {
            let journal = journal.clone();
            tokio::spawn(async move { journal.acquire(&format!("replica-{n}"), 0, 500).await })
        })
        .collect();
    let mut leaders = 0;
    for candidate in candidates {
        match candidate.await.unwrap() {
            Ok(_) => leaders += 1,
            Err(error) => assert!(matches!(error, LeaseError::Held { until_ms: 500, .. }), "{error:?}"),
        }
    }
    assert_eq!(leaders, 1);
}

pub(crate) async fn the_ends_of_time_are_no_trouble(journal: Box<dyn Journal>) {
    let lease = journal.acquire("one", i64::MAX, i64::MAX).await.unwrap();
    assert_eq!(lease.until_ms, i64::MAX);
    let lease = journal.renew(&lease, i64::MIN, -1).await.unwrap();
    assert_eq!(lease.until_ms, i64::MIN);
    assert!(journal.acquire("two", i64::MIN, 1).await.is_ok());
}
