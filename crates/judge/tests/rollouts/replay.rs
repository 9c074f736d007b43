//! The same blocks give the same judge, bit for bit, from the start or from a copy in the middle.

use judge::{Block, Judge, Settings};

use super::chance::Chance;
use super::plan::{START_MS, progressive};
use super::service::{BLOCK_MS, Latency, Service};

fn blocks() -> Vec<Block> {
    let (latency, service) = (Latency::new(), Service::healthy());
    let mut chance = Chance::new(4);
    (0..400).map(|number| service.block(&mut chance, &latency, START_MS + number * BLOCK_MS, 0.05)).collect()
}

fn absorb(judge: &mut Judge, blocks: &[Block], first: usize) {
    for (number, block) in blocks.iter().enumerate() {
        if let Some(phase) = [0, 180].iter().position(|&start| start == first + number) {
            judge.enter_phase(block.from_ms, &progressive()[phase].margins);
        }
        let _ = judge.absorb(block);
    }
}

#[test]
fn from_the_start_from_a_copy_and_through_json() {
    let blocks = blocks();
    let mut whole = Judge::new(Settings::default()).unwrap();
    absorb(&mut whole, &blocks, 0);
    let mut halved = Judge::new(Settings::default()).unwrap();
    absorb(&mut halved, &blocks[..250], 0);
    let mut copy = halved.clone();
    absorb(&mut copy, &blocks[250..], 250);
    assert_eq!(copy, whole);
    let written = serde_json::to_string(&blocks).unwrap();
    let read: Vec<Block> = serde_json::from_str(&written).unwrap();
    let mut replayed = Judge::new(Settings::default()).unwrap();
    absorb(&mut replayed, &read, 0);
    assert_eq!(replayed, whole);
    assert_eq!(serde_json::to_string(&replayed.verdict()).unwrap(), serde_json::to_string(&whole.verdict()).unwrap());
}

#[test]
fn a_verdict_survives_being_written() {
    let mut judge = Judge::new(Settings::default()).unwrap();
    absorb(&mut judge, &blocks(), 0);
    let verdict = judge.verdict();
    let read: judge::Verdict = serde_json::from_str(&serde_json::to_string(&verdict).unwrap()).unwrap();
    assert_eq!(read.sentence(), verdict.sentence());
    assert_eq!(read.outcome, verdict.outcome);
}
