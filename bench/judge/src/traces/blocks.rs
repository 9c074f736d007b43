//! Requests in blocks of ten seconds.

use judge::Arm;

use super::csv::Request;

pub(super) const BLOCK_MS: i64 = 10_000;
/// After so long without a request something new begins.
const PAUSE_MS: i64 = 60_000;

/// Requests of one pod without a pause, in order of time.
pub(super) fn stretches<'a>(requests: &[&'a Request]) -> Vec<Vec<&'a Request>> {
    let mut sorted = requests.to_vec();
    sorted.sort_by_key(|request| request.time_ms);
    let mut stretches: Vec<Vec<&Request>> = Vec::new();
    for request in sorted {
        let goes_on = stretches.last().and_then(|stretch| stretch.last());
        match (goes_on.is_some_and(|last| request.time_ms - last.time_ms < PAUSE_MS), stretches.last_mut()) {
            (true, Some(stretch)) => stretch.push(request),
            (true | false, _) => stretches.push(vec![request]),
        }
    }
    stretches
}

/// What was done in each block from `from_ms` on. The last one that is not full is left out.
pub(super) fn arms<'a>(requests: impl Iterator<Item = &'a Request>, from_ms: i64, to_ms: i64) -> Vec<Arm> {
    let full = usize::try_from((to_ms - from_ms) / BLOCK_MS).unwrap_or(0);
    let mut arms = vec![Arm::default(); full];
    for request in requests {
        let place = usize::try_from((request.time_ms - from_ms).div_euclid(BLOCK_MS)).ok();
        if let Some(arm) = place.and_then(|place| arms.get_mut(place)) {
            arm.requests += 1;
            arm.errors += u64::from(!request.ok);
            arm.latency.record(request.duration_us);
        }
    }
    arms
}
