//! A judge that was saved and restored is the judge that never was, and its state is small.

use judge::{Block, Judge, Settings};
use proptest::prelude::*;

use super::chance::Chance;
use super::metrics::{all_metrics, completed};
use super::plan::{START_MS, progressive};
use super::service::{BLOCK_MS, Latency, Nature, Service};

const MEANS: usize = 2;

fn settings() -> Settings {
    // No short decimal: whoever writes settings as text must not lose its last bit either.
    Settings { alpha_harm: 0.01 + 1.0 / 7e6, ..all_metrics(MEANS) }
}

fn block(chance: &mut Chance, latency: &Latency, number: i64, means: usize) -> Block {
    let later = usize::from(number >= 180) + usize::from(number >= 540);
    let share = if number < 0 { 0.0 } else { [0.05, 0.25, 0.5][later] };
    let canary = Nature { errors: 0.0012, slower_by: 1 };
    let service = Service { canary, cluster: 1.7, ..Service::healthy() };
    let block = service.block(chance, latency, START_MS + number * BLOCK_MS, share);
    completed(block, chance, number, means)
}

/// Two rollouts of all metrics, one of which is saved and restored by `pass_on` every 50 blocks.
fn side_by_side(blocks: i64, mut pass_on: impl FnMut(Judge) -> Judge) {
    let (mut chance, latency) = (Chance::new(77), Latency::new());
    let mut never = Judge::new(settings()).unwrap();
    let mut saved = never.clone();
    for number in -200..blocks {
        let block = block(&mut chance, &latency, number, MEANS);
        if let Some(phase) = [0, 180, 540].iter().position(|&start| start == number) {
            never.enter_phase(block.from_ms, &progressive()[phase].margins);
            saved.enter_phase(block.from_ms, &progressive()[phase].margins);
        }
        assert_eq!(saved.absorb(&block), never.absorb(&block));
        if number % 50 == 0 {
            saved = pass_on(saved);
            assert_eq!(saved, never, "after block {number}");
            assert_eq!(saved.verdict(), never.verdict(), "after block {number}");
        }
    }
    assert_eq!(saved, never);
    assert_eq!(saved.verdict(), never.verdict());
}

#[test]
fn saving_and_restoring_changes_nothing() {
    side_by_side(700, |judge| serde_json::from_str(&serde_json::to_string(&judge).unwrap()).unwrap());
}

#[test]
fn nor_does_it_by_way_of_a_tree_of_values() {
    side_by_side(60, |judge| serde_json::from_value(serde_json::to_value(&judge).unwrap()).unwrap());
}

/// Hexadecimal digits in quotes.
fn bytes_of(judge: &Judge) -> usize {
    (serde_json::to_string(judge).unwrap().len() - 2) / 2
}

#[test]
fn the_state_of_a_release_with_all_metrics_stays_below_8_kilobytes() {
    let (mut chance, latency) = (Chance::new(78), Latency::new());
    // One business metric; each further one takes more than half a kilobyte.
    let mut judge = Judge::new(all_metrics(1)).unwrap();
    let mut largest = 0;
    for number in -360..1_260 {
        let block = block(&mut chance, &latency, number, 1);
        if let Some(phase) = [0, 180, 540].iter().position(|&start| start == number) {
            judge.enter_phase(block.from_ms, &progressive()[phase].margins);
        }
        let _ = judge.absorb(&block);
        if number % 7 == 0 {
            largest = largest.max(bytes_of(&judge));
        }
    }
    assert!(largest < 8_192, "{largest} bytes");
}

fn written(blocks: i64) -> String {
    let (mut chance, latency) = (Chance::new(79), Latency::new());
    let mut judge = Judge::new(settings()).unwrap();
    for number in 0..blocks {
        let block = block(&mut chance, &latency, number, MEANS);
        if number == 0 {
            judge.enter_phase(block.from_ms, &progressive()[0].margins);
        }
        let _ = judge.absorb(&block);
    }
    serde_json::to_string(&judge).unwrap()
}

#[test]
fn damaged_text_is_an_error() {
    let whole = written(30);
    proptest!(|(at in 1..whole.len() - 1, to in 0x20_u8..0x7f)| {
        let mut text = whole.clone().into_bytes();
        prop_assume!(text[at] != to && !text[at].eq_ignore_ascii_case(&to));
        text[at] = to;
        let read: Result<Judge, _> = serde_json::from_str(&String::from_utf8(text).unwrap());
        prop_assert!(read.is_err());
    });
    proptest!(|(from in 1..whole.len() - 1)| {
        let read: Result<Judge, _> = serde_json::from_str(&format!("\"{}", &whole[from + 1..]));
        prop_assert!(read.is_err());
    });
    for other in ["null", "7", "[]", "{}", "\"\"", "\"0\"", "\"zz\"", "[1,2,300]"] {
        assert!(serde_json::from_str::<Judge>(other).is_err(), "{other}");
    }
}

#[test]
fn a_judge_of_nothing_is_stored_as_well() {
    let judge = Judge::new(Settings { error_streak: None, latency_streak: None, ..Settings::default() }).unwrap();
    let restored: Judge = serde_json::from_str(&serde_json::to_string(&judge).unwrap()).unwrap();
    assert_eq!(restored, judge);
}
