//! The journal as a control plane reaches it: the one that all replicas share, behind a disk that fills up, a network that
//! is cut and answers that get lost.

use crate::life::Life;
use crate::planted::Deed;
use crate::world::Event;
use journal::{
    AppendError, Begun, BoxFuture, Damage, Draft, Entry, Fence, Head, Journal, Lease, LeaseError, Report, Sample,
    StreamHead, Tail, Unavailable, UnavailableKind,
};
use std::sync::Arc;
use std::time::Duration;

pub(crate) struct Faulty {
    life: Arc<Life>,
}

impl Faulty {
    pub(crate) fn new(life: &Arc<Life>) -> Self {
        Self { life: Arc::clone(life) }
    }

    fn unwritable(&self) -> Result<(), Unavailable> {
        let world = &self.life.world;
        world.troubled().and_then(|now| world.weather.unwritable(self.life.replica, now)).map_or(Ok(()), Err)
    }

    async fn slowly(&self) {
        let world = &self.life.world;
        let ms = world.troubled().map_or(0, |now| world.weather.slow_disk_ms(now));
        if ms > 0 {
            tokio::time::sleep(Duration::from_millis(ms)).await;
        }
    }

    fn unreachable(&self) -> Result<(), Unavailable> {
        let world = &self.life.world;
        world.troubled().and_then(|now| world.weather.unreachable(self.life.replica, now)).map_or(Ok(()), Err)
    }

    fn unanswered(&self) -> Result<(), Unavailable> {
        let world = &self.life.world;
        let lost = world.troubled().is_some_and(|now| world.weather.loses_answers(now));
        let why = || Unavailable { kind: UnavailableKind::Io, place: None, detail: "the answer was lost".to_string() };
        if lost { Err(why()) } else { Ok(()) }
    }
}

impl Journal for Faulty {
    fn append(
        &self,
        stream: &str,
        expected_seq: u64,
        fence: Fence,
        drafts: Vec<Draft>,
    ) -> BoxFuture<'_, Result<Vec<Entry>, AppendError>> {
        let stream = stream.to_owned();
        Box::pin(async move {
            self.life.step().await;
            self.slowly().await;
            self.unwritable().map_err(AppendError::Unavailable)?;
            let world = &self.life.world;
            let drafts = match world.bend(&stream, expected_seq, drafts) {
                Deed::Write(drafts) => drafts,
                Deed::Pretend(entries) => return Ok(entries),
                Deed::Never => std::future::pending().await,
            };
            let written = world.journal.append(&stream, expected_seq, world.fence(fence), drafts).await?;
            world.wrote(self.life.replica, fence.0, &written);
            self.life.step().await;
            self.unanswered().map_err(AppendError::Unavailable)?;
            Ok(written)
        })
    }

    fn append_sample(
        &self,
        stream: &str,
        expected_n: u64,
        after_seq: u64,
        fence: Fence,
        body: String,
    ) -> BoxFuture<'_, Result<Sample, AppendError>> {
        let stream = stream.to_owned();
        Box::pin(async move {
            self.life.step().await;
            self.slowly().await;
            self.unwritable().map_err(AppendError::Unavailable)?;
            let fence = self.life.world.fence(fence);
            let sample = self.life.world.journal.append_sample(&stream, expected_n, after_seq, fence, body).await?;
            self.life.world.saw(Event::Sampled { stream, n: sample.n });
            self.life.step().await;
            self.unanswered().map_err(AppendError::Unavailable)?;
            Ok(sample)
        })
    }

    fn read_stream(
        &self,
        stream: &str,
        after_seq: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Entry>, Unavailable>> {
        let stream = stream.to_owned();
        Box::pin(async move {
            self.life.step().await;
            self.unreachable()?;
            self.life.world.journal.read_stream(&stream, after_seq, limit).await
        })
    }

    fn read_all(&self, after_position: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Entry>, Unavailable>> {
        Box::pin(async move {
            self.life.step().await;
            self.unreachable()?;
            self.life.world.journal.read_all(after_position, limit).await
        })
    }

    fn read_samples(
        &self,
        stream: &str,
        after_n: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Sample>, Unavailable>> {
        let stream = stream.to_owned();
        Box::pin(async move {
            self.life.step().await;
            self.unreachable()?;
            self.life.world.journal.read_samples(&stream, after_n, limit).await
        })
    }

    fn streams(&self, prefix: &str) -> BoxFuture<'_, Result<Vec<StreamHead>, Unavailable>> {
        let prefix = prefix.to_owned();
        Box::pin(async move {
            self.life.step().await;
            self.unreachable()?;
            self.life.world.journal.streams(&prefix).await
        })
    }

    fn begun(&self, prefix: &str, after_position: u64) -> BoxFuture<'_, Result<Begun, Unavailable>> {
        let prefix = prefix.to_owned();
        Box::pin(async move {
            self.life.step().await;
            self.unreachable()?;
            self.life.world.journal.begun(&prefix, after_position).await
        })
    }

    fn head(&self) -> BoxFuture<'_, Result<Head, Unavailable>> {
        Box::pin(async move {
            self.life.step().await;
            self.unreachable()?;
            self.life.world.journal.head().await
        })
    }

    fn tail(&self, after_position: u64) -> Tail {
        self.life.world.journal.tail(after_position)
    }

    fn acquire(&self, holder: &str, now_ms: i64, ttl_ms: i64) -> BoxFuture<'_, Result<Lease, LeaseError>> {
        let holder = holder.to_owned();
        Box::pin(async move {
            self.life.step().await;
            self.unwritable().map_err(LeaseError::Unavailable)?;
            let lease = self.life.world.journal.acquire(&holder, now_ms, ttl_ms).await?;
            self.life.step().await;
            self.unanswered().map_err(LeaseError::Unavailable)?;
            Ok(lease)
        })
    }

    fn renew(&self, lease: &Lease, now_ms: i64, ttl_ms: i64) -> BoxFuture<'_, Result<Lease, LeaseError>> {
        let lease = lease.clone();
        Box::pin(async move {
            self.life.step().await;
            self.unwritable().map_err(LeaseError::Unavailable)?;
            let renewed = self.life.world.journal.renew(&lease, now_ms, ttl_ms).await?;
            self.life.step().await;
            self.unanswered().map_err(LeaseError::Unavailable)?;
            Ok(renewed)
        })
    }

    fn release(&self, lease: &Lease) -> BoxFuture<'_, Result<(), LeaseError>> {
        let lease = lease.clone();
        Box::pin(async move {
            self.life.step().await;
            self.unwritable().map_err(LeaseError::Unavailable)?;
            self.life.world.journal.release(&lease).await
        })
    }

    fn verify(&self) -> BoxFuture<'_, Result<Report, Damage>> {
        self.life.world.journal.verify()
    }

    fn verify_against(&self, anchor: Head) -> BoxFuture<'_, Result<Report, Damage>> {
        self.life.world.journal.verify_against(anchor)
    }
}
