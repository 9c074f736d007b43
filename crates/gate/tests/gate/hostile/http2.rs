//! Floods in HTTP/2: each costs the client more than the gate, and ends.

use std::time::Duration;

use super::frames::{CONTINUATION, END_HEADERS, END_STREAM, GET, HEADERS, PING, RESET, Raw, SETTINGS, frame, header};
use super::{Scene, Witness};

/// "You make too much of this" (RFC 9113, section 7).
const ENHANCE_YOUR_CALM: u32 = 0xb;

#[tokio::test]
async fn requests_that_are_taken_back_at_once_end_the_connection() {
    let scene = Scene::new(Duration::from_secs(60)).await;
    let witness = Witness::of(scene.address).await;
    let mut raw = Raw::connect(scene.address).await;
    const REQUESTS: u32 = 100_000;
    let mut begun = 0;
    for burst in 0..REQUESTS / 100 {
        let bytes: Vec<u8> = (0..100)
            .flat_map(|number| {
                let stream = 2 * (burst * 100 + number) + 1;
                let mut pair = frame(HEADERS, END_STREAM | END_HEADERS, stream, GET);
                pair.extend(frame(RESET, 0, stream, &[0, 0, 0, 8]));
                pair
            })
            .collect();
        begun += 100;
        if !raw.say(&bytes).await {
            break;
        }
    }
    assert!(begun < REQUESTS, "the gate has taken them all");
    let (_, code) = raw.ended().await;
    assert!(code.is_none_or(|code| code == ENHANCE_YOUR_CALM), "{code:?}");
    witness.ends_well(scene.address).await;
}

#[tokio::test]
async fn settings_and_pings_without_end_disturb_nobody() {
    let scene = Scene::new(Duration::from_secs(60)).await;
    for kind in [SETTINGS, PING] {
        let witness = Witness::of(scene.address).await;
        let mut raw = Raw::connect(scene.address).await;
        let payload: &[u8] = if kind == PING { &[0; 8] } else { &[0, 3, 0, 0, 0, 9] };
        let burst = frame(kind, 0, 0, payload).repeat(1_000);
        for _ in 0..200 {
            if !raw.say(&burst).await {
                break;
            }
        }
        witness.ends_well(scene.address).await;
    }
}

#[tokio::test]
async fn headers_without_end_end_the_connection() {
    let scene = Scene::new(Duration::from_secs(60)).await;
    let witness = Witness::of(scene.address).await;
    let padding = header("x-padding", &"x".repeat(100)).repeat(100);
    for fragment in [&padding[..], &[]] {
        let mut raw = Raw::connect(scene.address).await;
        raw.say(&frame(HEADERS, END_STREAM, 1, GET)).await;
        let burst = frame(CONTINUATION, 0, 1, fragment).repeat(10);
        let mut said = 0;
        while said < 10_000 && raw.say(&burst).await {
            said += 1;
        }
        assert!(said < 10_000, "a hundred thousand pieces of one head, and the gate waits for more");
        raw.ended().await;
    }
    assert!(scene.asked().is_empty());
    witness.ends_well(scene.address).await;
}

#[tokio::test]
async fn a_head_above_the_limit_is_refused_and_what_makes_no_sense_ends_the_connection() {
    let scene = Scene::new(Duration::from_secs(60)).await;
    let witness = Witness::of(scene.address).await;
    for bytes in [
        frame(HEADERS, END_STREAM | END_HEADERS, 2, GET),
        frame(HEADERS, END_STREAM | END_HEADERS, 1, &[0xff; 20]),
        frame(0x0, 0, 1, b"no such stream"),
        frame(SETTINGS, 0, 0, &[1, 2, 3]),
        frame(PING, 0, 0, &[1]),
        frame(PING, 0, 0, &[0; 17_000]),
        frame(CONTINUATION, END_HEADERS, 1, GET),
        vec![0xff; 30],
    ] {
        let mut raw = Raw::connect(scene.address).await;
        raw.say(&bytes).await;
        let (kinds, code) = raw.ended().await;
        assert!(code.is_some_and(|code| code != 0), "{:?}: {kinds:?} {code:?}", &bytes[..9]);
    }
    assert!(scene.asked().is_empty(), "{:?}", scene.asked());
    witness.ends_well(scene.address).await;
}
