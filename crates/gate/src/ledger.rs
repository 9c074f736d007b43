//! The blocks of one service: one open, a ring of closed ones, and totals for those who scrape.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use crate::count::{ArmTally, Tally};
use crate::order::Order;
use crate::remembered::Remembered;
use crate::route::Arm;
use crate::wire::{ArmCounts, Block, UnexpectedExit};

/// Blocks kept per service: more than the 1,260 of a three-and-a-half-hour rollout at ten seconds each.
pub(crate) const KEPT: usize = 2_048;

/// Unexpected exits since the open block began; shared with those who watch the processes.
pub(crate) type Exits = Rc<RefCell<Vec<UnexpectedExit>>>;

#[derive(Debug)]
pub(crate) struct Ledger {
    closed: VecDeque<Block>,
    next_seq: u64,
    open: Open,
    exits: Exits,
    totals: BTreeMap<(Arm, String), ArmTally>,
    /// Of stable and canary.
    carried: [Carried; 2],
}

/// What an arm takes along from block to block.
#[derive(Debug, Default)]
struct Carried {
    /// Streams that began in an earlier block than they were handed over in: to be taken from the next blocks.
    ahead: i64,
    /// Who failed lately.
    failed: Remembered,
}

/// The block that is being counted.
#[derive(Debug)]
struct Open {
    from_ms: i64,
    fence: u64,
    generation: u64,
    share_ppm: u32,
    stable_version: String,
    canary_version: Option<String>,
    stable: ArmTally,
    canary: ArmTally,
    late: u64,
}

impl Ledger {
    /// A ledger whose first block has number `next_seq`: a service that comes back in the same run of the gate goes on counting.
    pub(crate) fn new(order: &Order, now_ms: i64, next_seq: u64) -> Self {
        Ledger {
            closed: VecDeque::new(),
            next_seq,
            open: Open::new(order, now_ms),
            exits: Exits::default(),
            totals: BTreeMap::new(),
            carried: <[Carried; 2]>::default(),
        }
    }

    pub(crate) fn exits(&self) -> Exits {
        Rc::clone(&self.exits)
    }

    pub(crate) fn next_seq(&self) -> u64 {
        self.next_seq
    }

    pub(crate) fn oldest_seq(&self) -> u64 {
        self.closed.front().map_or(self.next_seq, |block| block.seq)
    }

    /// The closed blocks after `seq`, at most `limit` of them.
    pub(crate) fn after(&self, seq: u64, limit: usize) -> Vec<Block> {
        let skip = self.closed.partition_point(|block| block.seq <= seq);
        self.closed.iter().skip(skip).take(limit).cloned().collect()
    }

    /// Adds counts to the open block.
    pub(crate) fn absorb(&mut self, tallies: Vec<Tally>) {
        for tally in tallies {
            self.open.late += tally.late;
            let canary = self.open.canary_version.clone().unwrap_or_default();
            for (arm, version, counts) in
                [(Arm::Stable, self.open.stable_version.clone(), &tally.stable), (Arm::Canary, canary, &tally.canary)]
            {
                if counts.requests + counts.abandoned + counts.truncated + counts.forced > 0 {
                    self.totals.entry((arm, version)).or_default().absorb_without_users(counts);
                }
            }
            self.open.stable.absorb(tally.stable);
            self.open.canary.absorb(tally.canary);
        }
    }

    /// Closes the open block and opens the next one under `order`.
    pub(crate) fn close(&mut self, now_ms: i64, order: &Order) {
        // Two orders within a millisecond would make a block of no length, which has no rate.
        let to_ms = now_ms.max(self.open.from_ms.saturating_add(1));
        let open = std::mem::replace(&mut self.open, Open::new(order, to_ms));
        let recast =
            (&open.stable_version, &open.canary_version) != (&self.open.stable_version, &self.open.canary_version);
        if self.closed.len() == KEPT {
            self.closed.pop_front();
        }
        self.closed.push_back(open.close(self.next_seq, to_ms, self.exits.take(), &mut self.carried));
        if recast {
            self.carried.iter_mut().for_each(|carried| carried.ahead = 0);
        }
        self.next_seq += 1;
        let listed = |version: &str| order.wire().versions.iter().any(|one| one.version == version);
        self.totals.retain(|(_, version), _| listed(version));
    }

    /// Counts per arm and version since the version was first listed.
    pub(crate) fn totals(&self) -> impl Iterator<Item = (Arm, &str, &ArmTally)> {
        self.totals.iter().map(|((arm, version), counts)| (*arm, version.as_str(), counts))
    }
}

impl Open {
    fn new(order: &Order, from_ms: i64) -> Self {
        let wire = order.wire();
        Open {
            from_ms,
            fence: wire.fence,
            generation: wire.generation,
            share_ppm: order.share().get(),
            stable_version: wire.stable.clone(),
            canary_version: wire.canary.clone(),
            stable: ArmTally::default(),
            canary: ArmTally::default(),
            late: 0,
        }
    }

    fn close(self, seq: u64, to_ms: i64, exits: Vec<UnexpectedExit>, carried: &mut [Carried; 2]) -> Block {
        let [stable, canary] = carried;
        Block {
            seq,
            from_ms: self.from_ms,
            to_ms,
            fence: self.fence,
            generation: self.generation,
            share_ppm: self.share_ppm,
            stable: arm_counts(Some(self.stable_version), &self.stable, stable, to_ms),
            canary: arm_counts(self.canary_version, &self.canary, canary, to_ms),
            late: self.late,
            exits,
        }
    }
}

fn arm_counts(version: Option<String>, counts: &ArmTally, carried: &mut Carried, now_ms: i64) -> ArmCounts {
    let sum = carried.ahead.saturating_add(counts.started);
    carried.ahead = if version.is_some() { sum.min(0) } else { 0 };
    ArmCounts {
        fresh_errors: version.as_deref().map(|version| carried.failed.fresh(version, counts.hurt(), now_ms)),
        started: version.is_some().then(|| u64::try_from(sum).unwrap_or(0)),
        buckets: if version.is_some() { counts.groups() } else { Vec::new() },
        version,
        requests: counts.requests,
        errors: counts.errors,
        retried_on_stable: counts.retried_on_stable,
        abandoned: counts.abandoned,
        truncated: counts.truncated,
        forced: counts.forced,
        forced_errors: counts.forced_errors,
        latency: counts.latency(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use super::*;
    use crate::count::{Ending, Waiting};
    use crate::route::Picked;
    use crate::wire::{AddressOrder, DoorOrder, ServiceOrder, UpstreamOrder, UpstreamProtocol, VersionOrder};

    fn order() -> Order {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 9_000));
        let upstream = UpstreamOrder::Address(AddressOrder::new(address));
        Order::check(ServiceOrder {
            fence: 1,
            generation: 1,
            listen: address,
            sticky: Vec::new(),
            salt: String::new(),
            share_ppm: 0,
            interval_ms: 1_000,
            stable: "1.0".into(),
            canary: None,
            versions: vec![VersionOrder { version: "1.0".into(), upstream, protocol: UpstreamProtocol::Http1 }],
            upstream_timeout_ms: 1,
            connect_timeout_ms: 1,
            expose_arm: true,
            dead_man_ms: None,
            knows_withdrawn_ms: None,
            door: DoorOrder::default(),
        })
        .unwrap()
    }

    #[test]
    fn a_full_ring_forgets_the_oldest_block_and_says_so() {
        let order = order();
        let mut ledger = Ledger::new(&order, 0, 1);
        assert_eq!((ledger.oldest_seq(), ledger.next_seq()), (1, 1), "nothing is closed yet, and nothing is lost");
        let total = KEPT as u64 + 10;
        for block in 1..=total {
            ledger.close(i64::try_from(block).unwrap() * 1_000, &order);
        }
        assert_eq!((ledger.oldest_seq(), ledger.next_seq()), (11, total + 1));
        assert_eq!(ledger.after(0, usize::MAX).len(), KEPT);
        let tail: Vec<u64> = ledger.after(total - 2, usize::MAX).iter().map(|block| block.seq).collect();
        assert_eq!(tail, [total - 1, total]);
    }

    #[test]
    fn who_fails_in_every_block_is_fresh_once() {
        let order = order();
        let mut ledger = Ledger::new(&order, 0, 1);
        for block in 1..=3 {
            let mut tally = Tally::default();
            for user in [7, 7, block] {
                tally.count(0, Picked { arm: Arm::Stable, forced: false }, user, Ending::Failed);
            }
            ledger.absorb(vec![tally]);
            ledger.close(i64::from(block) * 10_000, &order);
        }
        let counted =
            ledger.after(0, usize::MAX).into_iter().map(|block| (block.stable.errors, block.stable.fresh_errors));
        assert_eq!(counted.collect::<Vec<_>>(), [(3, Some(2)), (3, Some(1)), (3, Some(1))]);
        assert!(ledger.after(0, usize::MAX).iter().all(|block| block.canary.fresh_errors.is_none()), "nobody is there");
    }

    #[test]
    fn a_stream_that_begins_in_a_later_block_is_taken_from_the_one_after() {
        let order = order();
        let mut ledger = Ledger::new(&order, 0, 1);
        for (block, started) in [(1, 3), (2, -2), (3, 5)] {
            let mut tally = Tally::default();
            let (arm, waiting) = (Arm::Stable, if started > 0 { Waiting::Begins } else { Waiting::Ends });
            (0..i64::abs(started)).for_each(|_| tally.wait(0, Picked { arm, forced: false }, waiting));
            ledger.absorb(vec![tally]);
            ledger.close(block * 1_000, &order);
        }
        let started: Vec<_> = ledger.after(0, usize::MAX).iter().map(|block| block.stable.started).collect();
        assert_eq!(started, [Some(3), Some(0), Some(3)]);
        assert_eq!(ledger.after(2, 1)[0].canary.started, None, "nobody stands there");
    }

    #[test]
    fn blocks_follow_each_other_without_a_gap_even_within_a_millisecond() {
        let order = order();
        let mut ledger = Ledger::new(&order, 500, 1);
        for _ in 0..3 {
            ledger.close(500, &order);
        }
        ledger.close(1_500, &order);
        let spans: Vec<_> = ledger.after(0, usize::MAX).iter().map(|block| (block.from_ms, block.to_ms)).collect();
        assert_eq!(spans, [(500, 501), (501, 502), (502, 503), (503, 1_500)]);
    }
}
