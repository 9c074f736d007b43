//! The two questions, and one that keeps the second honest: how often is a window found to be worse in which nothing was
//! marked? Stable is then a different time, and different times differ.

use std::collections::BTreeMap;

use judge::{Arm, Block, Judge, Outcome, Settings, Split, Unsound};

use super::blocks::{BLOCK_MS, arms, stretches};
use super::csv::{Request, Window};
use crate::chance::Chance;

/// How it is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Asked {
    /// Slowdown that is no harm, relative.
    pub margin: f64,
    /// How often each stretch is split.
    pub splits: u64,
    /// The canary's share of a split.
    pub share: f64,
    /// Seed of all chance.
    pub seed: u64,
}

/// What became of one comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What was compared.
    pub name: String,
    /// Seconds until harm was shown.
    pub harm_s: Option<f64>,
    /// Minutes, and those in which the rule "p95 more than 1.1 times stable's" would have seen a breach.
    pub minutes: (u32, u32),
}

/// Splits each stretch of each pod at random.
///
/// # Errors
/// When the judge cannot be set up so.
pub fn in_splits(requests: &[Request], asked: Asked) -> Result<Vec<Answer>, Unsound> {
    let mut answers = Vec::new();
    for (pod, requests) in by_pod(requests) {
        for stretch in stretches(&requests) {
            let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else {
                continue;
            };
            for split in 0..asked.splits {
                let name = format!("{pod} from {}", first.time_ms);
                let mut chance = Chance::new(&name, asked.seed.wrapping_add(split));
                let (canary, stable): (Vec<&Request>, Vec<&Request>) =
                    stretch.iter().partition(|_| chance.uniform() < asked.share);
                let of = |part: Vec<&'_ Request>| arms(part.into_iter(), first.time_ms, last.time_ms);
                let (canary, stable) = (of(canary), of(stable));
                if !canary.is_empty() {
                    answers.push(judged(name, canary, stable, asked.margin)?);
                }
            }
        }
    }
    Ok(answers)
}

/// Holds each window against the same pod outside its windows. A window that was measured for less than a minute is left out,
/// and so is a pod without other times.
///
/// # Errors
/// When the judge cannot be set up so.
pub fn in_windows(requests: &[Request], windows: &[Window], asked: Asked) -> Result<Vec<Answer>, Unsound> {
    let mut answers = Vec::new();
    let pods = by_pod(requests);
    for window in windows {
        let Some(of_pod) = pods.get(window.pod.as_str()) else {
            continue;
        };
        let within = of_pod.iter().copied().filter(|request| (window.from_ms..window.to_ms).contains(&request.time_ms));
        let canary = arms(within, window.from_ms, window.to_ms);
        if canary.iter().filter(|arm| arm.requests > 0).count() < LEAST_BLOCKS {
            continue;
        }
        let mut chance = Chance::new(&window.name, asked.seed);
        let calm: Vec<Arm> = calm(of_pod, windows, &window.pod).into_iter().flatten().collect();
        if let Some(stable) = drawn(&mut chance, calm, canary.len()) {
            answers.push(judged(window.name.clone(), canary, stable, asked.margin)?);
        }
    }
    Ok(answers)
}

/// Holds each stretch in which nothing was marked for its pod against the others.
///
/// # Errors
/// When the judge cannot be set up so.
pub fn without_fault(requests: &[Request], windows: &[Window], asked: Asked) -> Result<Vec<Answer>, Unsound> {
    let mut answers = Vec::new();
    for (pod, of_pod) in by_pod(requests) {
        let stretches = calm(&of_pod, windows, pod);
        for (at, canary) in stretches.iter().enumerate() {
            let others = stretches.iter().enumerate().filter(|other| other.0 != at);
            let others: Vec<Arm> = others.flat_map(|other| other.1.clone()).collect();
            let name = format!("{pod}, calm stretch {}", at + 1);
            let mut chance = Chance::new(&name, asked.seed);
            if let Some(stable) = drawn(&mut chance, others, canary.len()) {
                answers.push(judged(name, canary.clone(), stable, asked.margin)?);
            }
        }
    }
    Ok(answers)
}

/// A minute: proof of slowness takes about as long.
const LEAST_BLOCKS: usize = 6;

fn by_pod(requests: &[Request]) -> BTreeMap<&str, Vec<&Request>> {
    let mut pods: BTreeMap<&str, Vec<&Request>> = BTreeMap::new();
    requests.iter().for_each(|request| pods.entry(request.pod.as_str()).or_default().push(request));
    pods
}

/// The blocks of each stretch of a pod that lies outside its windows.
fn calm(of_pod: &[&Request], windows: &[Window], pod: &str) -> Vec<Vec<Arm>> {
    let unwell = |request: &Request| {
        windows.iter().any(|window| window.pod == pod && (window.from_ms..window.to_ms).contains(&request.time_ms))
    };
    let well: Vec<&Request> = of_pod.iter().copied().filter(|request| !unwell(request)).collect();
    let stretches = stretches(&well).into_iter().filter_map(|stretch| {
        let (first, last) = (stretch.first()?.time_ms, stretch.last()?.time_ms);
        Some(arms(stretch.into_iter(), first, last))
    });
    stretches.filter(|stretch| !stretch.is_empty()).collect()
}

/// As many blocks as asked for, beginning anywhere.
fn drawn(chance: &mut Chance, from: Vec<Arm>, count: usize) -> Option<Vec<Arm>> {
    if count == 0 || from.len() < count {
        return None;
    }
    let begins = chance.below(from.len());
    Some(from.into_iter().cycle().skip(begins).take(count).collect())
}

fn judged(name: String, canary: Vec<Arm>, stable: Vec<Arm>, margin: f64) -> Result<Answer, Unsound> {
    let mut settings = Settings { warm_up_ms: 0, ..Settings::default() };
    settings.harm_margins.latency = margin;
    let margins = settings.harm_margins.clone();
    let mut judge = Judge::new(settings)?;
    judge.enter_phase(0, &margins);
    let mut harm_s = None;
    for (number, (canary, stable)) in (0..).zip(canary.iter().zip(&stable)) {
        let from_ms = number * BLOCK_MS;
        let share = canary.requests as f64 / (canary.requests + stable.requests).max(1) as f64;
        let (stable, canary) = (Some(stable.clone()), Some(canary.clone()));
        let _ = judge.absorb(&Block {
            from_ms,
            to_ms: from_ms + BLOCK_MS,
            share,
            split: Split::Unknown,
            stable,
            canary,
            series: Vec::new(),
        });
        if judge.outcome() == Outcome::Harm {
            harm_s = Some((from_ms + BLOCK_MS) as f64 / 1e3);
            break;
        }
    }
    Ok(Answer { name, harm_s, minutes: minutes(&canary, &stable) })
}

/// How many minutes there are, and how many breach the naive rule.
fn minutes(canary: &[Arm], stable: &[Arm]) -> (u32, u32) {
    let p95 = |arms: &[Arm]| {
        let mut sum = judge::Histogram::new();
        arms.iter().for_each(|arm| sum.merge(&arm.latency));
        sum.quantile(0.95)
    };
    let pairs = canary.chunks_exact(6).zip(stable.chunks_exact(6));
    pairs.fold((0, 0), |(all, breaches), (canary, stable)| match (p95(canary), p95(stable)) {
        (Some(canary), Some(stable)) => (all + 1, breaches + u32::from(canary > 1.1 * stable)),
        _ => (all, breaches),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: Asked = Asked { margin: 0.1, splits: 3, share: 0.2, seed: 1 };

    /// Ten minutes of a pod, five requests a second; three times slower within the window.
    fn requests(slow: std::ops::Range<i64>) -> Vec<Request> {
        let mut chance = Chance::new("trace", 1);
        (0..3_000)
            .map(|number| {
                let time_ms = number * 200;
                let factor = if slow.contains(&time_ms) { 3.0 } else { 1.0 };
                let duration_us = (50_000.0 * factor * libm::exp(0.3 * chance.normal())) as u64;
                Request { time_ms, pod: "a".to_string(), duration_us, ok: true }
            })
            .collect()
    }

    #[test]
    fn splits_of_one_version_are_alike() {
        let answers = in_splits(&requests(0..0), ASKED).unwrap();
        assert_eq!(answers.len(), 3);
        assert!(answers.iter().all(|answer| answer.harm_s.is_none() && answer.minutes.0 >= 9), "{answers:?}");
    }

    #[test]
    fn a_window_in_which_it_was_slow_is_found_and_calm_times_are_alike() {
        let window =
            |name: &str, from_ms, to_ms| Window { name: name.to_string(), from_ms, to_ms, pod: "a".to_string() };
        let windows = [window("slow", 240_000, 360_000)];
        let requests = requests(240_000..360_000);
        let found = in_windows(&requests, &windows, ASKED).unwrap();
        assert!(found[0].harm_s.is_some_and(|second| second <= 110.0), "{found:?}");
        let calm = without_fault(&requests, &windows, ASKED).unwrap();
        assert_eq!((calm.len(), calm.iter().filter(|answer| answer.harm_s.is_some()).count()), (2, 0));
    }
}
