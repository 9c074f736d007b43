//! What is left of counts when measurements are lost or counters begin anew. What users met is not changed by it.

use crate::chance::Chance;
use crate::world::{BEGINNING, World};
use control::ports::Counted;
use engine::{Millis, Timestamp};
use judge::{Arm, Bucket, Histogram};

/// Takes from a block what nobody counted. One of which nothing is left is not told at all, see [`crate::world::Gate`].
pub(super) fn tell(world: &World, block: &mut Counted) {
    let (from, to) = (since(block.from), since(block.to));
    let (stable, canary) = world.weather.uncounted(from);
    block.stable.take_if(|_| stable);
    block.canary.take_if(|_| canary);
    if let Some((of, at)) = world.weather.counters_reset(from, to) {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a block")]
        let kept = (to - at).0 as f64 / (to - from).0.max(1) as f64;
        let mut chance = Chance::of(world.seed ^ RESET, from.0);
        for (arm, meant) in [(&mut block.stable, of.of_stable()), (&mut block.canary, of.of_canary())] {
            arm.iter_mut().filter(|_| meant).for_each(|arm| thin(arm, kept, &mut chance));
        }
    }
}

/// The purpose of the chance by which counts are lost.
const RESET: u64 = 0x0072_6573_6574;

fn since(at: Timestamp) -> Millis {
    at.since(BEGINNING)
}

/// Keeps each request with some chance.
fn thin(arm: &mut Arm, kept: f64, chance: &mut Chance) {
    let well = chance.binomial(arm.requests - arm.errors, kept);
    arm.errors = chance.binomial(arm.errors, kept);
    arm.requests = well + arm.errors;
    let mut left = arm.requests;
    let mut thinned = Vec::new();
    for (bucket, count) in arm.latency.iter() {
        let count = chance.binomial(count, kept).min(left);
        left -= count;
        thinned.push((bucket, count));
    }
    thinned.retain(|(_, count)| *count > 0);
    arm.latency = Histogram::try_from(thinned).unwrap_or_default();
    // Which users the lost requests were of is not known; without their groups nothing is said of users.
    arm.buckets = Vec::<Bucket>::new();
}
