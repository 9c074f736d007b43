//! A Prometheus server as the signal of a service.
//!
//! Blocks are as long as the rollout's interval, aligned to it, and end before the server's own time less the lag. The cursor
//! is the end of the last block, so that whoever reads on neither loses nor repeats anything. A block that lacks an arm is
//! waited for as long as two more take; what comes later is missing.

use super::blocks::{Block, Counted as Found, block, unreachable};
use super::client::Prometheus;
use super::counter::Span;
use super::questions::{Questions, Side};
use control::ports::{BoxFuture, Counted, Order, PortResult, Reading, Signal};
use engine::{Gap, Millis, Timestamp};
use judge::Quantile;
use policy::PrometheusSignal as Wired;
use std::sync::Once;

/// So many blocks are read at once after an absence. An answer that is too large is asked for again in single blocks.
const BLOCKS_AT_ONCE: [i64; 2] = [12, 1];
/// So many blocks an arm may be behind the other.
const PATIENCE: i64 = 2;
const CURSOR: &str = "prometheus:";

/// A Prometheus server as a signal.
pub(crate) struct PrometheusSignal {
    server: Prometheus,
    wired: Wired,
    resolution: Once,
}

impl PrometheusSignal {
    /// The server that the policy names.
    ///
    /// # Errors
    /// `TG-5030`, `TG-5031`: a URL that cannot be asked.
    pub(crate) fn new(wired: &Wired) -> PortResult<Self> {
        let server = Prometheus::new(&wired.url, wired.auth.clone(), wired.timeout)?;
        Ok(Self { server, wired: wired.clone(), resolution: Once::new() })
    }
}

impl Signal for PrometheusSignal {
    fn read<'a>(&'a self, order: &'a Order, cursor: &'a str) -> BoxFuture<'a, Reading> {
        Box::pin(
            async move { self.counted(order, cursor).await.unwrap_or_else(|error| Reading::None(unreachable(&error))) },
        )
    }
}

/// The blocks that may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Due {
    from: i64,
    every: i64,
    blocks: i64,
}

impl PrometheusSignal {
    async fn counted(&self, order: &Order, cursor: &str) -> PortResult<Reading> {
        let known = self.server.now().await?.0.saturating_sub(signed(self.wired.lag));
        let due = due(cursor, known, signed(order.interval));
        for most in BLOCKS_AT_ONCE {
            let some = Due { blocks: due.blocks.min(most), ..due };
            if some.blocks == 0 {
                return Ok(Reading::NotYet);
            }
            match self.read_blocks(order, some, known).await {
                Err(error) if error.code == "TG-5055" && some.blocks > 1 => {}
                answer => return answer.map(|reading| reading.of_all(some.blocks == due.blocks)),
            }
        }
        Ok(Reading::NotYet)
    }

    async fn read_blocks(&self, order: &Order, due: Due, known: i64) -> PortResult<Outcome> {
        let arms = &self.wired.arms;
        let canary = Questions::about(arms, Side::Canary, &order.canary.version)?;
        let stable = order.stable.as_ref().map(|stable| Questions::about(arms, Side::Stable, &stable.version));
        let stable = stable.transpose()?;
        let end = due.from + due.blocks * due.every;
        // One block more than is read: at its beginning a counter must have been seen.
        let (at, back) = (Timestamp(end), Millis(unsigned((due.blocks + 1) * due.every)));
        let (canary, stable) = tokio::try_join!(canary.ask(&self.server, at, back), async {
            match &stable {
                Some(stable) => stable.ask(&self.server, at, back).await.map(Some),
                None => Ok(None),
            }
        })?;
        let mut outcome = Outcome::default();
        for number in 0..due.blocks {
            let from = due.from + number * due.every;
            let span = Span { from, to: from + due.every };
            let overdue = known >= span.to + PATIENCE * due.every;
            match block(span, &canary, stable.as_ref(), overdue) {
                Block::Awaited => break,
                Block::Nothing(gap) => outcome.nothing = Some((span, gap)),
                Block::Counted(found) => {
                    self.tell_resolution(&found);
                    outcome.counted.push(counted(span, *found));
                }
            }
        }
        Ok(outcome)
    }

    /// Says once how finely response times are known, since no margin is finer than that.
    fn tell_resolution(&self, found: &Found) {
        let (Some(edges), Some(stable)) = (&found.edges, &found.stable) else { return };
        let p95 = stable.latency.quantile(Quantile::P95.level());
        let next = p95.and_then(|p95| edges.compare(p95, ANY_MARGIN)).and_then(|found| found.harm);
        let Some(next) = next else { return };
        self.resolution.call_once(|| {
            let percent = (next.margin * 100.0).round();
            tracing::info!(
                source = self.server.shown(),
                "near p95 the edges of the histogram are {percent} % apart: finer margins are approximate"
            );
        });
    }
}

/// Less than any two edges are apart.
const ANY_MARGIN: f64 = 1e-6;

/// What became of some blocks.
#[derive(Default)]
struct Outcome {
    counted: Vec<Counted>,
    /// The last block without counts.
    nothing: Option<(Span, Gap)>,
}

impl Outcome {
    /// The answer. If there are more blocks than `all` that were read, one without counts must not be asked for for ever.
    fn of_all(self, all: bool) -> Reading {
        match (self.counted.is_empty(), self.nothing) {
            (false, _) => Reading::Counts(self.counted),
            (true, Some((span, _))) if !all => {
                Reading::Counts(vec![counted(span, Found { canary: None, stable: None, edges: None })])
            }
            (true, Some((_, gap))) => Reading::None(gap),
            (true, None) => Reading::NotYet,
        }
    }
}

fn counted(span: Span, found: Found) -> Counted {
    Counted {
        cursor: format!("{CURSOR}{}", span.to),
        from: Timestamp(span.from),
        to: Timestamp(span.to),
        share: None,
        stable: found.stable,
        canary: found.canary,
        exits: Vec::new(),
    }
}

/// The blocks after the cursor that are over at `known`. A release begins with the newest: what was counted before it is none
/// of its business. A cursor of another signal says nothing.
fn due(cursor: &str, known: i64, every: i64) -> Due {
    let every = every.max(1);
    let newest = known.div_euclid(every) * every;
    let place = cursor.strip_prefix(CURSOR).and_then(|end| end.parse::<i64>().ok()).filter(|end| *end >= 0);
    let from = place.unwrap_or(newest.saturating_sub(every));
    Due { from, every, blocks: newest.saturating_sub(from).max(0) / every }
}

fn signed(span: Millis) -> i64 {
    i64::try_from(span.0).unwrap_or(i64::MAX)
}

fn unsigned(span: i64) -> u64 {
    u64::try_from(span).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_aligned_and_a_release_begins_with_the_newest() {
        assert_eq!(due("", 127, 10), Due { from: 110, every: 10, blocks: 1 });
        assert_eq!(due("9f3a:17", 127, 10), Due { from: 110, every: 10, blocks: 1 });
        assert_eq!(due("prometheus:80", 127, 10), Due { from: 80, every: 10, blocks: 4 });
        assert_eq!(due("prometheus:120", 127, 10), Due { from: 120, every: 10, blocks: 0 });
        // A server whose clock was set back.
        assert_eq!(due("prometheus:500", 127, 10).blocks, 0);
        assert_eq!(due("prometheus:-5", 127, 10).from, 110);
    }

    #[test]
    fn what_has_no_counts_is_passed_over_only_if_there_is_more() {
        let nothing = || Outcome { nothing: Some((Span { from: 0, to: 10 }, Gap::NoData)), ..Outcome::default() };
        assert_eq!(nothing().of_all(true), Reading::None(Gap::NoData));
        assert!(matches!(nothing().of_all(false), Reading::Counts(counts) if counts[0].cursor == "prometheus:10"));
        assert_eq!(Outcome::default().of_all(true), Reading::NotYet);
    }
}
