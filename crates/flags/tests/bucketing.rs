//! The bucketing against the cases that every implementation must agree on, and against what it promises about shares.

use flags::bucket::{OverAll, PPM, Ppm, USER_BUCKETS, hash, in_share, position, user_bucket};

#[derive(serde::Deserialize)]
struct Vectors {
    cases: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    parts: Vec<String>,
    hash: u32,
    position_100: u32,
    position_ppm: u32,
    user_bucket: u8,
}

#[test]
fn agrees_with_the_shared_cases() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/bucketing.json");
    let vectors: Vectors = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(vectors.cases.len() >= 60, "only {} cases", vectors.cases.len());
    for case in vectors.cases {
        let parts: Vec<&str> = case.parts.iter().map(String::as_str).collect();
        let got = hash(&parts);
        assert_eq!(got, case.hash, "hash of {parts:?}");
        assert_eq!(position(got, 100), case.position_100, "place of {parts:?} among 100");
        assert_eq!(position(got, PPM), case.position_ppm, "place of {parts:?} among a million");
        assert_eq!(user_bucket(got), case.user_bucket, "group of {parts:?}");
    }
}

#[test]
fn agrees_with_the_cases_that_flagd_publishes() {
    for (user, expected_hash, expected_place) in [
        ("jack", 0x558d_af56, 33),
        ("queen", 0x7ee5_4dcc, 49),
        ("ten", 0x1ab6_3e9c, 10),
        ("nine", 0x0caa_bce5, 4),
        ("3", 0xcd55_7098, 80),
    ] {
        let got = hash(&[&format!("fractional-flag{user}")]);
        assert_eq!((got, position(got, 100)), (expected_hash, expected_place), "{user}");
    }
}

/// The two figures come from the widely used `mmh3` package over the CBOR that RFC 8949 prescribes.
#[test]
fn long_texts_take_the_wider_heads() {
    assert_eq!(hash(&[&"x".repeat(65_535)]), LONGEST_WITH_TWO_BYTES);
    assert_eq!(hash(&[&"x".repeat(65_536)]), SHORTEST_WITH_FOUR_BYTES);
}
const LONGEST_WITH_TWO_BYTES: u32 = 0x1c92_778f;
const SHORTEST_WITH_FOUR_BYTES: u32 = 0x168a_a9ef;

#[test]
fn a_share_is_between_nobody_and_everybody() {
    assert_eq!(Ppm::new(0), Ok(Ppm::NONE));
    assert_eq!(Ppm::new(PPM), Ok(Ppm::ALL));
    assert_eq!(Ppm::new(PPM + 1), Err(OverAll(PPM + 1)));
    assert!(OverAll(PPM + 1).to_string().contains("1000001"));
}

#[test]
fn nobody_and_everybody_have_no_exceptions() {
    for hash in [0, 1, u32::MAX / 2, u32::MAX - 1, u32::MAX] {
        assert!(!in_share(hash, Ppm::NONE));
        assert!(in_share(hash, Ppm::ALL));
    }
}

#[test]
fn nobody_flips_back_while_the_share_rises_in_steps_of_a_percent() {
    for user in 0..20_000 {
        let user = hash(&["monotone", &user.to_string()]);
        let mut was_in = false;
        for percent in 0..=100 {
            let is_in = in_share(user, Ppm::new(percent * 10_000).unwrap());
            assert!(is_in || !was_in, "{user:#x} flipped back at {percent} %");
            was_in = is_in;
        }
        assert!(was_in);
    }
}

/// 4.9 standard errors on either side: one false alarm in a million runs, were the users drawn anew each time.
#[test]
fn the_split_is_the_one_that_was_asked_for() {
    const USERS: u32 = 100_000;
    for ppm in [10_000, 50_000, 250_000, 500_000] {
        let share = Ppm::new(ppm).unwrap();
        let inside = (0..USERS).filter(|user| in_share(hash(&["split", &format!("user-{user}")]), share)).count();
        let expected = f64::from(USERS) * share.fraction();
        let allowed = 4.9 * (expected * (1.0 - share.fraction())).sqrt();
        assert!(
            (inside as f64 - expected).abs() < allowed,
            "{inside} of {USERS} at {ppm} ppm, expected {expected} ± {allowed:.0}"
        );
    }
}

/// Chi-squared over 64 groups has 63 degrees of freedom; 130 is exceeded by chance in fewer than one of a million runs.
#[test]
fn groups_of_users_are_even_inside_and_outside_any_share() {
    for ppm in [10_000, 50_000, 250_000, 500_000, 1_000_000] {
        let share = Ppm::new(ppm).unwrap();
        let mut counts = [0_u32; USER_BUCKETS as usize];
        for user in 0..200_000 {
            let user = hash(&["groups", &user.to_string()]);
            if in_share(user, share) {
                counts[usize::from(user_bucket(user))] += 1;
            }
        }
        let even = f64::from(counts.iter().sum::<u32>()) / f64::from(USER_BUCKETS);
        let chi_squared: f64 = counts.iter().map(|&n| (f64::from(n) - even).powi(2) / even).sum();
        assert!(chi_squared < 130.0, "chi-squared {chi_squared:.0} at {ppm} ppm");
    }
}

/// The same users under another salt: being chosen once says nothing about being chosen again.
#[test]
fn salts_make_independent_splits() {
    let share = Ppm::new(100_000).unwrap();
    let both = (0..100_000)
        .map(|user| user.to_string())
        .filter(|user| in_share(hash(&["one", user]), share) && in_share(hash(&["two", user]), share))
        .count();
    assert!((850..1_150).contains(&both), "{both} of 100,000 in both 10 % shares, expected about 1,000");
}
