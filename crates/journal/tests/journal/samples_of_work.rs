//! Entries to write, in as few words as the tests deserve.

use journal::{AppendError, Draft, Entry, Fence, Journal};

/// The fence before the first lease.
pub(crate) const NOBODY: Fence = Fence(0);

pub(crate) fn draft(kind: &str) -> Draft {
    Draft {
        kind: kind.to_owned(),
        at_ms: 1_700_000_000_000,
        actor: "ada".to_owned(),
        body: r#"{"share": 5}"#.to_owned(),
    }
}

pub(crate) fn drafts(number: usize) -> Vec<Draft> {
    (1..=number).map(|n| draft(&format!("step-{n}"))).collect()
}

/// Appends `number` entries to a stream that ends at `after`.
pub(crate) async fn append(
    journal: &dyn Journal,
    stream: &str,
    after: u64,
    number: usize,
) -> Result<Vec<Entry>, AppendError> {
    journal.append(stream, after, NOBODY, drafts(number)).await
}

/// Everything in the journal.
pub(crate) async fn everything(journal: &dyn Journal) -> Vec<Entry> {
    journal.read_all(0, usize::MAX).await.unwrap()
}
