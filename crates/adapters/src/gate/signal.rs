//! What the gate counted, read block by block.

use super::order::key;
use super::served::{Gated, words};
use super::target::how;
use ::gate::wire::{ArmCounts, Block, Blocks, UnexpectedExit};
use control::ports::{BoxFuture, Counted, Order, Reading, Signal};
use engine::{Exit, Gap, Share, Timestamp};
use judge::{Arm, Bucket, Histogram};

/// How many blocks are asked for at once: after a long absence of control there may be thousands.
const BLOCKS_AT_ONCE: u64 = 100;

/// The gate as a signal.
pub(crate) struct GateSignal(pub(crate) Gated);

impl Signal for GateSignal {
    fn read<'a>(&'a self, order: &'a Order, cursor: &'a str) -> BoxFuture<'a, Reading> {
        Box::pin(async move { self.counted(order, cursor).await.unwrap_or_else(Reading::None) })
    }
}

impl GateSignal {
    async fn counted(&self, order: &Order, cursor: &str) -> Result<Reading, Gap> {
        let (mut boot, mut after) = match place(cursor) {
            Some(place) => place,
            None => self.newest_but_one(order).await?,
        };
        loop {
            let Blocks { boot_id, blocks, .. } = self.blocks(order, &boot, after, BLOCKS_AT_ONCE).await?;
            let Some(last) = blocks.last().map(|block| block.seq) else { return Ok(Reading::NotYet) };
            let counted = blocks.into_iter().filter_map(|block| of_release(order, &boot_id, block));
            let counted = counted.collect::<Result<Vec<_>, _>>()?;
            if !counted.is_empty() {
                return Ok(Reading::Counts(counted));
            }
            // Blocks of other orders are stepped over, or they would be read again for ever.
            (boot, after) = (boot_id, last);
        }
    }

    /// Where a release begins to read: what was counted before it is none of its business.
    async fn newest_but_one(&self, order: &Order) -> Result<(String, u64), Gap> {
        let Blocks { boot_id, newest_seq, .. } = self.blocks(order, "", u64::MAX, 0).await?;
        Ok((boot_id, newest_seq.saturating_sub(1)))
    }

    async fn blocks(&self, order: &Order, boot: &str, after: u64, limit: u64) -> Result<Blocks, Gap> {
        let client = &self.0.client;
        match client.blocks(&key(&order.wiring), order.turn, boot, after, limit).await {
            Ok(Some(blocks)) => Ok(blocks),
            Ok(None) => Err(Gap::NoData),
            Err(error) => Err(Gap::Unreachable { detail: words(client, error) }),
        }
    }
}

/// A cursor is `boot:seq`. One that is not of this signal, such as the cursor of counts that were pushed, says nothing.
fn place(cursor: &str) -> Option<(String, u64)> {
    let (boot, seq) = cursor.split_once(':')?;
    let of_gate = !boot.is_empty() && boot.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if of_gate { Some((boot.to_owned(), seq.parse().ok()?)) } else { None }
}

/// The block as this release counts it; nothing if other versions stood on either side.
fn of_release(order: &Order, boot: &str, block: Block) -> Option<Result<Counted, Gap>> {
    let named = |counts: &ArmCounts, version: Option<&str>| counts.version.as_deref() == version;
    let canary = Some(order.canary.version.as_str());
    let arms = match &order.stable {
        Some(stable) if named(&block.stable, Some(&stable.version)) && named(&block.canary, canary) => {
            (Some(&block.stable), &block.canary, Share::from_ppm(block.share_ppm).ok())
        }
        // The first version of a service stands where stable will be, and everybody has it.
        None if named(&block.stable, canary) && named(&block.canary, None) => (None, &block.stable, Some(Share::ALL)),
        Some(_) | None => return None,
    };
    let (stable, canary, share) = arms;
    let counted = || {
        Ok(Counted {
            cursor: format!("{boot}:{}", block.seq),
            from: Timestamp(block.from_ms),
            to: Timestamp(block.to_ms),
            share,
            stable: stable.map(arm).transpose()?,
            canary: Some(arm(canary)?),
            exits: block.exits.iter().map(exit).collect(),
        })
    };
    Some(counted())
}

fn arm(counts: &ArmCounts) -> Result<Arm, Gap> {
    let latency = Histogram::try_from(counts.latency.clone()).map_err(|error| Gap::Unreachable {
        detail: format!("TG-5003: the gate's counts cannot be understood: {error}"),
    })?;
    let buckets = counts.buckets.iter().map(|&[r, e, u]| Bucket::from((r, e, u))).collect();
    Ok(Arm {
        requests: counts.requests,
        errors: counts.errors,
        started: counts.started,
        latency,
        buckets,
        fresh_errors: counts.fresh_errors,
        ..Arm::default()
    })
}

fn exit(exit: &UnexpectedExit) -> Exit {
    Exit { version: exit.version.clone(), at: Timestamp(exit.at_ms), how: how(exit.code, exit.signal) }
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn only_cursors_of_a_gate_are_places() {
        assert_eq!(place("9f3a:17"), Some(("9f3a".to_owned(), 17)));
        for foreign in ["", ":", ":17", "9f3a", "9f3a:", "9f3a:-1", "push:x", "2026-11-23T08:00:00Z", "a&after=0:7"] {
            assert_eq!(place(foreign), None, "{foreign:?}");
        }
    }
}
