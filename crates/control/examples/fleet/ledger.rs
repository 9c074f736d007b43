//! Which measurement was judged when. What was due is known from the world; what is missing here was skipped.

use crate::ports::World;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// All verdicts, by service.
pub(crate) struct Ledger {
    verdicts: Vec<Mutex<Vec<Verdict>>>,
}

/// The verdict over one measurement. Moments in microseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verdict {
    /// When the interval ended.
    pub(crate) due: i64,
    /// When control handed the measurement to the journal: it was judged the instant before.
    pub(crate) decided: i64,
    /// When the journal had it on the disk.
    pub(crate) written: Option<i64>,
}

impl Ledger {
    pub(crate) fn of(services: usize) -> Self {
        Self { verdicts: (0..services).map(|_| Mutex::default()).collect() }
    }

    /// A measurement was judged. Nothing for one without counts, which was never due.
    pub(crate) fn decided(&self, service: usize, due: i64, decided: i64) {
        self.of_service(service).push(Verdict { due, decided, written: None });
    }

    /// It is on the disk.
    pub(crate) fn written(&self, service: usize, due: i64, written: i64) {
        if let Some(verdict) = self.of_service(service).iter_mut().rev().find(|verdict| verdict.due == due) {
            verdict.written = Some(written);
        }
    }

    /// The verdicts over what was due within a span of time.
    pub(crate) fn within(&self, service: usize, (from, to): (i64, i64)) -> Vec<Verdict> {
        // The world counts whole milliseconds.
        let (from, to) = (from / 1_000 * 1_000, to / 1_000 * 1_000);
        self.of_service(service).iter().copied().filter(|verdict| verdict.due > from && verdict.due <= to).collect()
    }

    /// Waits until everything that was due by `to` is on the disk, as long as there is patience.
    pub(crate) async fn wait_for(&self, world: &World, to: i64, patience: Duration) {
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline && !self.is_complete(world, to) {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    fn is_complete(&self, world: &World, to: i64) -> bool {
        (0..self.verdicts.len()).all(|number| {
            let due = world.service(number).map_or(0, |service| service.due((0, to)));
            let verdicts = self.within(number, (0, to));
            verdicts.len() as u64 >= due && verdicts.iter().all(|verdict| verdict.written.is_some())
        })
    }

    fn of_service(&self, service: usize) -> MutexGuard<'_, Vec<Verdict>> {
        self.verdicts[service].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The end of a measurement's interval and its service, as the journal is given them. Releases were opened in the order
/// of the services' numbers, from 1.
pub(crate) fn named(stream: &str, body: &str) -> Option<(usize, i64)> {
    let number = stream.strip_prefix("release/r")?.parse::<usize>().ok()?.checked_sub(1)?;
    let digits = body.split_once("\"to\":")?.1;
    let digits = &digits[..digits.find(|c: char| !c.is_ascii_digit())?];
    let counted = body.contains("\"gap\":null");
    Some((number, digits.parse::<i64>().ok()?.checked_mul(1_000)?)).filter(|_| counted)
}
