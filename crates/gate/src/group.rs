//! The instances of one version, and which of them gets the next request.
//!
//! The one with the fewest requests under way: an instance that is slow collects requests and gets no more, without anybody measuring
//! it. Instances are few, so all of them are looked at. A failed request is not sent to another instance: the canary would look
//! better than it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arc_swap::ArcSwap;

use crate::upstream::Upstream;

/// Shared by the threads that forward and the one that supervises.
#[derive(Debug)]
pub(crate) struct Group {
    first: ArcSwap<Upstream>,
    others: ArcSwap<Vec<Arc<Upstream>>>,
    /// Whose turn it is among those with equally few requests.
    turn: AtomicUsize,
}

impl Group {
    /// A version with one instance.
    pub(crate) fn of(only: Arc<Upstream>) -> Arc<Self> {
        Arc::new(Group { first: ArcSwap::new(only), others: ArcSwap::default(), turn: AtomicUsize::new(0) })
    }

    /// Other instances from now on.
    pub(crate) fn replace(&self, first: Arc<Upstream>, others: Vec<Arc<Upstream>>) {
        self.first.store(first);
        self.others.store(Arc::new(others));
    }

    /// The instance for the next request.
    pub(crate) fn pick(&self) -> Arc<Upstream> {
        let others = self.others.load();
        let first = self.first.load_full();
        if others.is_empty() {
            return first;
        }
        let count = others.len() + 1;
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % count;
        let all = std::iter::once(&first).chain(others.iter());
        let in_turn =
            all.enumerate().map(|(at, one)| (one.fitness(), one.in_flight(), (at + count - turn) % count, one));
        let best = in_turn.min_by_key(|(fitness, in_flight, turn, _)| (*fitness, *in_flight, *turn));
        best.map_or_else(|| Arc::clone(&first), |(_, _, _, one)| Arc::clone(one))
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use super::*;

    fn group(count: u16) -> (Arc<Group>, Vec<Arc<Upstream>>) {
        let instances: Vec<_> = (0..count)
            .map(|number| {
                let upstream = Upstream::unknown();
                upstream.move_to(SocketAddr::from((Ipv4Addr::LOCALHOST, 9_000 + number)));
                upstream.checked(true);
                upstream
            })
            .collect();
        let group = Group::of(Arc::clone(&instances[0]));
        group.replace(Arc::clone(&instances[0]), instances[1..].to_vec());
        (group, instances)
    }

    #[test]
    fn equals_take_turns_and_the_busy_are_spared() {
        let (group, instances) = group(3);
        let picked: std::collections::HashSet<u64> = (0..3).map(|_| group.pick().id()).collect();
        assert_eq!(picked.len(), 3);
        let _busy = [instances[0].enter(), instances[1].enter(), instances[1].enter()];
        assert!((0..10).all(|_| group.pick().id() == instances[2].id()));
        let _more = [instances[2].enter(), instances[2].enter()];
        assert!((0..10).all(|_| group.pick().id() == instances[0].id()));
    }

    #[test]
    fn who_is_not_well_or_fails_is_passed_over_and_the_last_one_never() {
        let (group, instances) = group(3);
        instances[0].checked(false);
        for _ in 0..20 {
            instances[1].failed();
        }
        assert!(instances[1].is_ejected());
        assert!((0..10).all(|_| group.pick().id() == instances[2].id()));
        instances[2].checked(false);
        assert!((0..10).all(|_| group.pick().id() == instances[1].id()), "ejected is better than not well");
        instances[1].lost(true);
        assert!((0..10).all(|_| group.pick().id() != instances[1].id()), "nobody is there");
        instances[0].lost(true);
        instances[2].lost(true);
        group.pick();
    }
}
