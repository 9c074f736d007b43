//! What each process of a version did in the past, for replays: read by the same questions and counted in the same way as a
//! release's own signal, so that a replay sees what the release would have seen.
//!
//! Samples are asked for as they were scraped, in pieces. A range query would give one value a step, extrapolated over restarts, and no
//! server answers more than 11,000 of them a series; what a piece asks for has no such limit, only the size of an answer.

use super::arm::{Sampled, SampledLatency};
use super::blocks::arm_of;
use super::client::Prometheus;
use super::counter::{Counter, Span};
use super::latency::{Readings, both};
use super::questions::{Questions, Side};
use control::ports::PortResult;
use engine::{Millis, Timestamp};
use judge::Arm;
use policy::PrometheusSignal as Wired;
use std::collections::BTreeMap;

/// So many blocks are asked for at once. An answer that is too large is asked for again in fewer.
const BLOCKS_AT_ONCE: i64 = 120;

/// The past of a service, as a Prometheus server kept it.
#[derive(Debug)]
pub struct Past {
    server: Prometheus,
    wired: Wired,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Begin.
    pub from: Timestamp,
    /// End; what is left of a block is not read.
    pub to: Timestamp,
    /// The length of a block.
    pub every: Millis,
}

/// What the processes of a version did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Processes {
    /// Their names: the instance, with the job before it where there are several jobs.
    pub names: Vec<String>,
    /// Begin of each block, and what each process did in it; `None` where it was not seen at both ends or restarted.
    pub blocks: Vec<(Timestamp, Vec<Option<Arm>>)>,
}

/// A process by its labels.
type Key = (String, String);

impl Past {
    /// The server that a policy names.
    ///
    /// # Errors
    /// `TG-5030`, `TG-5031`: a URL that cannot be asked.
    pub fn new(wired: &Wired) -> PortResult<Past> {
        let server = Prometheus::new(&wired.url, wired.auth.clone(), wired.timeout)?;
        Ok(Past { server, wired: wired.clone() })
    }

    /// What the processes of one arm did. `told` hears how many blocks were read.
    ///
    /// # Errors
    /// `TG-5050` to `TG-5057`: no answer, or one that cannot be counted.
    pub async fn read(
        &self,
        side: judge::Side,
        version: &str,
        stretch: Stretch,
        mut told: impl FnMut(i64),
    ) -> PortResult<Processes> {
        let side = match side {
            judge::Side::Canary => Side::Canary,
            judge::Side::Stable => Side::Stable,
        };
        let questions = Questions::about(&self.wired.arms, side, version)?;
        let every = i64::try_from(stretch.every.0).unwrap_or(i64::MAX).max(1);
        let blocks = stretch.to.0.saturating_sub(stretch.from.0) / every;
        let (mut done, mut piece) = (0, BLOCKS_AT_ONCE);
        let mut found: Vec<(Timestamp, BTreeMap<Key, Arm>)> = Vec::new();
        while done < blocks {
            let some = piece.min(blocks - done);
            let from = stretch.from.0 + done * every;
            // One block more: at its beginning a counter must have been seen.
            let back = Millis(u64::try_from((some + 1) * every).unwrap_or(0));
            let sampled = match questions.ask(&self.server, Timestamp(from + some * every), back).await {
                Err(error) if error.code == "TG-5055" && some > 1 => {
                    piece = some / 2;
                    continue;
                }
                answer => by_process(answer?),
            };
            for number in 0..some {
                let span = Span { from: from + number * every, to: from + (number + 1) * every };
                found.push((Timestamp(span.from), count(&sampled, span)?));
            }
            done += some;
            told(done);
        }
        Ok(table(found))
    }
}

fn count(sampled: &BTreeMap<Key, Sampled>, span: Span) -> PortResult<BTreeMap<Key, Arm>> {
    let mut arms = BTreeMap::new();
    for (key, sampled) in sampled {
        let counts = match sampled.count(span) {
            Ok(counts) => counts,
            Err(missing) => match missing.wrong() {
                Some(error) => return Err(error),
                None => continue,
            },
        };
        let latency = both(&counts.latency, &Readings::None)?.canary;
        arms.insert(key.clone(), arm_of("a process", &counts, latency)?);
    }
    Ok(arms)
}

/// The same samples, one for each process that answers requests.
fn by_process(all: Sampled) -> BTreeMap<Key, Sampled> {
    let errors_are_known = !all.errors.is_empty();
    let mut processes: BTreeMap<Key, Sampled> = BTreeMap::new();
    for counter in all.requests {
        let empty = || Sampled {
            requests: Vec::new(),
            errors: Vec::new(),
            latency: match &all.latency {
                SampledLatency::NotAsked => SampledLatency::NotAsked,
                SampledLatency::Classic(_) => SampledLatency::Classic(Vec::new()),
                SampledLatency::Native(_) => SampledLatency::Native(Vec::new()),
            },
            errors_among_requests: all.errors_among_requests.clone(),
        };
        processes.entry(key(&counter)).or_insert_with(empty).requests.push(counter);
    }
    for counter in all.errors {
        if let Some(process) = processes.get_mut(&key(&counter)) {
            process.errors.push(counter);
        }
    }
    match all.latency {
        SampledLatency::NotAsked => {}
        SampledLatency::Classic(counters) => {
            for counter in counters {
                if let Some(SampledLatency::Classic(own)) =
                    processes.get_mut(&key(&counter)).map(|one| &mut one.latency)
                {
                    own.push(counter);
                }
            }
        }
        SampledLatency::Native(counters) => {
            for counter in counters {
                if let Some(SampledLatency::Native(own)) = processes.get_mut(&key(&counter)).map(|one| &mut one.latency)
                {
                    own.push(counter);
                }
            }
        }
    }
    for process in processes.values_mut() {
        // Clients make a labelled counter at its first event: a process without the counter that others have had no errors.
        if errors_are_known && process.errors.is_empty() && process.errors_among_requests.is_none() {
            process.errors.extend(process.requests.first().map(never));
        }
    }
    processes
}

/// A counter of what never happened, seen whenever the other one was.
fn never(seen: &Counter<f64>) -> Counter<f64> {
    let samples = seen.samples.iter().map(|(at, _)| (*at, 0.0)).collect();
    Counter { labels: seen.labels.clone(), samples }
}

fn key<S>(counter: &Counter<S>) -> Key {
    let label = |name: &str| counter.labels.get(name).cloned().unwrap_or_default();
    (label("job"), label("instance"))
}

fn table(found: Vec<(Timestamp, BTreeMap<Key, Arm>)>) -> Processes {
    let mut keys: Vec<Key> = found.iter().flat_map(|(_, arms)| arms.keys().cloned()).collect();
    keys.sort();
    keys.dedup();
    let one_job = keys.windows(2).all(|pair| pair[0].0 == pair[1].0);
    let name = |(job, instance): &Key| if one_job { instance.clone() } else { format!("{job}/{instance}") };
    let blocks = found.into_iter().map(|(at, mut arms)| (at, keys.iter().map(|key| arms.remove(key)).collect()));
    Processes { names: keys.iter().map(name).collect(), blocks: blocks.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counter(instance: &str, values: &[(i64, f64)]) -> Counter<f64> {
        let labels = [("job", "shop"), ("instance", instance)].map(|(name, value)| (name.to_owned(), value.to_owned()));
        Counter {
            labels: labels.into_iter().collect(),
            samples: values.iter().map(|(at, value)| (Timestamp(*at), *value)).collect(),
        }
    }

    fn counted(requests: Vec<Counter<f64>>, errors: Vec<Counter<f64>>) -> Vec<(String, Option<(u64, u64)>)> {
        let all = Sampled { requests, errors, latency: SampledLatency::NotAsked, errors_among_requests: None };
        let arms = count(&by_process(all), Span { from: 100, to: 200 }).unwrap();
        let Processes { names, blocks } = table(vec![(Timestamp(100), arms)]);
        let counts = blocks[0].1.iter().map(|arm| arm.as_ref().map(|arm| (arm.requests, arm.errors)));
        names.into_iter().zip(counts).collect()
    }

    #[test]
    fn processes_are_counted_apart() {
        let requests = vec![counter("a", &[(90, 5.0), (190, 9.0)]), counter("b", &[(90, 5.0), (190, 25.0)])];
        let errors = vec![counter("a", &[(90, 1.0), (190, 3.0)]), counter("b", &[(90, 0.0), (190, 0.0)])];
        assert_eq!(counted(requests, errors), [("a".into(), Some((4, 2))), ("b".into(), Some((20, 0)))]);
    }

    #[test]
    fn a_process_without_the_counter_that_others_have_had_no_errors() {
        let requests = vec![counter("a", &[(90, 5.0), (190, 9.0)]), counter("b", &[(90, 5.0), (190, 25.0)])];
        let errors = vec![counter("a", &[(90, 1.0), (190, 3.0)])];
        assert_eq!(counted(requests.clone(), errors), [("a".into(), Some((4, 2))), ("b".into(), Some((20, 0)))]);
        assert_eq!(counted(requests, Vec::new()), []);
    }

    #[test]
    fn a_restart_is_missing_for_its_process_alone() {
        let requests = vec![counter("a", &[(90, 5.0), (190, 2.0)]), counter("b", &[(90, 5.0), (190, 25.0)])];
        let errors = vec![counter("a", &[(90, 0.0), (190, 0.0)]), counter("b", &[(90, 0.0), (190, 0.0)])];
        assert_eq!(counted(requests, errors), [("b".into(), Some((20, 0)))]);
    }
}
