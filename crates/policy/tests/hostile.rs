//! Files that are made to hurt: each ends soon, with a problem, and without a panic.

use policy::Code;
use proptest::prelude::*;
use std::time::{Duration, Instant};

#[expect(clippy::expect_used, reason = "a test fails by panicking")]
fn codes(text: &str) -> Vec<Code> {
    let start = Instant::now();
    let result = policy::read(text, "tidegate.yaml");
    let spent = start.elapsed();
    assert!(spent < Duration::from_secs(60), "{spent:?} for {:?}", text.chars().take(40).collect::<String>());
    let problems = result.expect_err("nothing here is a policy");
    assert!(problems.render(true).len() < 200_000);
    problems.list.iter().map(|problem| problem.code).collect()
}

const MIB: usize = 1 << 20;

#[test]
fn too_large() {
    assert_eq!(codes(&"# x\n".repeat(MIB)), [Code::TooMuch]);
}

#[test]
fn too_deep() {
    for open in ["[", "{a: ", "- "] {
        assert_eq!(codes(&open.repeat(100)), [Code::TooMuch], "{open}");
        assert_eq!(codes(&open.repeat(100_000)).len(), 1, "{open}");
    }
    let indented: String = (0..200).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert_eq!(codes(&indented), [Code::TooMuch]);
}

#[test]
fn a_billion_laughs() {
    let mut text = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for i in 1..12 {
        let list = vec![format!("*a{}", i - 1); 10].join(", ");
        text.push_str(&format!("a{i}: &a{i} [{list}]\n"));
    }
    assert_eq!(codes(&text), [Code::TooMuch]);
    let nested: String = (0..60).map(|i| format!("&n{i} [")).collect();
    let values = "x, ".repeat(90_000);
    assert_eq!(codes(&format!("a: {nested}{values}{}", "]".repeat(60))), [Code::TooMuch]);
}

#[test]
fn rollouts_that_multiply() {
    let mut text = String::from("extends: standard\nservices: {}\nrollouts:\n");
    for i in 0..4_000 {
        text.push_str(&format!("  r{i}: {{ extends: canary }}\n"));
    }
    assert!(codes(&text).contains(&Code::TooMuch));
    let mut chain = String::from("extends: standard\nservices: {}\nrollouts:\n  r0: { extends: canary }\n");
    for i in 1..4_000 {
        chain.push_str(&format!("  r{i}: {{ extends: r{} }}\n", i - 1));
    }
    assert!(codes(&chain).contains(&Code::TooMuch));
}

#[test]
fn a_problem_on_every_line() {
    let text: String = (0..20_000).map(|i| format!("key{i}: {i}\n")).collect();
    let problems = policy::read(&text, "tidegate.yaml").unwrap_err();
    assert_eq!(problems.list.len(), 100);
    assert!(problems.omitted > 15_000, "{}", problems.omitted);
    assert_eq!(problems.list.iter().filter_map(|p| p.place.as_ref()).map(|place| place.line).max(), Some(99));
}

#[test]
fn one_endless_line() {
    let text = format!("extends: standard\nservices: {{ {} }}\n", "x: 1, ".repeat(100_000));
    assert!(codes(&text).contains(&Code::DuplicateKey));
    codes(&format!("a: \"{}", "x".repeat(MIB - 10)));
    codes(&"a".repeat(MIB));
    codes(&"&a ".repeat(MIB / 3));
    codes(&"!a ".repeat(MIB / 3));
    codes(&": ".repeat(MIB / 2));
    codes(&"'".repeat(MIB));
    codes(&"a: |\n".repeat(MIB / 5));
    codes(&"%".repeat(MIB));
}

/// Texts near the language, so that the deeper checks are met as well.
fn near_the_language() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "extends",
        "standard",
        "services",
        "shop",
        "target",
        "local",
        "lever",
        "edge",
        "targets",
        "levers",
        "gate",
        "process",
        "command",
        "rollouts",
        "canary",
        "phases",
        "share",
        "soak",
        "5 %",
        "30 min",
        "100 %",
        "margins",
        "extend 2x",
        "off",
        "on",
        "p95",
        "env",
        "TOKEN",
        "from_env",
        ":",
        ": ",
        "-",
        "- ",
        "{",
        "}",
        "[",
        "]",
        ", ",
        "\n",
        "\n  ",
        "\n    ",
        "\"",
        "'",
        "#",
        "&a ",
        "*a",
        "|",
        ">",
        "?",
        "!",
        "%",
        "@",
        "`",
        "\t",
        "\u{feff}",
        "ü",
        "\r",
        "...",
        "---",
        "1e9",
        "-",
        "0.1 points",
        "99999999999999999999",
        "\u{85}",
        "\u{2028}",
        "<<",
        "null",
        "~",
    ]);
    prop::collection::vec(words, 0..60).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        if let Err(problems) = policy::read(&text, "tidegate.yaml") {
            prop_assert!(!problems.list.is_empty());
            prop_assert!(!problems.render(true).is_empty() && problems.to_json().is_object());
        }
    }

    #[test]
    fn any_text_near_the_language_is_read_or_refused(text in near_the_language()) {
        if let Err(problems) = policy::read(&text, "tidegate.yaml") {
            prop_assert!(!problems.list.is_empty());
            prop_assert!(!problems.render(true).is_empty());
        }
    }

    #[test]
    fn a_policy_with_one_piece_changed_is_read_or_refused(at in 0_usize..2_000, cut in 0_usize..20, with in near_the_language()) {
        let whole = format!("{}\n{}", policy::starter("shop").unwrap(), policy::standard());
        let from = whole.char_indices().map(|(i, _)| i).nth(at % whole.chars().count()).unwrap_or(0);
        let rest: String = whole[from..].chars().skip(cut).collect();
        let changed = format!("{}{with}{rest}", &whole[..from]);
        if let Ok(policy) = policy::read(&changed, "tidegate.yaml") {
            let again = policy::read(policy.effective(), "effective");
            prop_assert_eq!(again.map(|p| p.digest().to_owned()).ok(), Some(policy.digest().to_owned()));
        }
    }
}
