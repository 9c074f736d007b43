//! Whose writes count.

use journal::{AppendError, Fence, Journal, LeaseError};

use crate::samples_of_work::{NOBODY, drafts};

pub(crate) async fn before_the_first_lease_the_fence_is_zero(journal: Box<dyn Journal>) {
    assert!(journal.append("s", 0, NOBODY, drafts(1)).await.is_ok());
    let refused = journal.append("s", 1, Fence(1), drafts(1)).await;
    assert_eq!(refused, Err(AppendError::Fenced { presented: Fence(1), current: NOBODY }));
}

pub(crate) async fn a_replaced_leader_is_refused_and_told_so_first(journal: Box<dyn Journal>) {
    let old = journal.acquire("one", 0, 10).await.unwrap().fence;
    let new = journal.acquire("two", 10, 10).await.unwrap().fence;
    assert!(new > old);
    let fenced = AppendError::Fenced { presented: old, current: new };
    // The number is wrong as well: that it lost the lease is what it must hear.
    assert_eq!(journal.append("s", 7, old, drafts(1)).await, Err(fenced.clone()));
    assert_eq!(journal.append_sample("s", 7, 0, old, "1".to_owned()).await, Err(fenced));
    assert!(journal.append("s", 0, new, drafts(1)).await.is_ok());
    assert!(journal.append_sample("s", 0, 1, new, "1".to_owned()).await.is_ok());
}

pub(crate) async fn a_fence_never_given_out_is_refused(journal: Box<dyn Journal>) {
    let current = journal.acquire("one", 0, 10).await.unwrap().fence;
    for presented in [Fence(current.0 + 1), Fence(u64::MAX)] {
        let refused = journal.append("s", 0, presented, drafts(1)).await;
        assert_eq!(refused, Err(AppendError::Fenced { presented, current }));
    }
}

pub(crate) async fn a_lease_given_back_writes_no_more(journal: Box<dyn Journal>) {
    let lease = journal.acquire("one", 0, 10).await.unwrap();
    journal.release(&lease).await.unwrap();
    let refused = journal.append("s", 0, lease.fence, drafts(1)).await;
    assert!(matches!(refused, Err(AppendError::Fenced { .. })), "{refused:?}");
    assert!(matches!(journal.release(&lease).await, Err(LeaseError::Lost { .. })));
}
