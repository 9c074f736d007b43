//! Sources: small, headed, and without promises.

use crate::tree::files;

/// Beyond this many lines a file holds more than one idea.
const MOST_LINES: usize = 600;

/// Names that attract what has no owner.
const OWNERLESS: [&str; 9] =
    ["mod.rs", "utils.rs", "util.rs", "common.rs", "helpers.rs", "helper.rs", "manager.rs", "misc.rs", "types.rs"];

#[test]
fn files_hold_one_idea() {
    let long: Vec<_> = files(".rs").into_iter().filter(|(_, text)| text.lines().count() > MOST_LINES).collect();
    let names: Vec<_> = long.iter().map(|(path, text)| format!("{path}: {}", text.lines().count())).collect();
    assert!(names.is_empty(), "over {MOST_LINES} lines: {names:#?}");
}

#[test]
fn modules_say_why_they_exist() {
    let bare: Vec<_> = files(".rs").into_iter().filter(|(_, text)| !text.trim_start().starts_with("//!")).collect();
    assert!(bare.is_empty(), "no `//!` header: {:#?}", bare.iter().map(|(path, _)| path).collect::<Vec<_>>());
}

#[test]
fn every_module_has_an_owner() {
    let ownerless: Vec<_> = files(".rs")
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| OWNERLESS.iter().any(|name| path.ends_with(&format!("/{name}"))))
        .collect();
    assert!(ownerless.is_empty(), "{ownerless:#?}");
}

#[test]
fn no_promise_is_left_in_the_code() {
    // Written in two halves, or this file would find itself.
    let promises = ["TO_DO", "FIX_ME", "XX_X", "HA_CK", "for n_ow", "place_holder", "not implem_ented"];
    let promises: Vec<String> = promises.iter().map(|word| word.replace('_', "")).collect();
    for (path, text) in files(".rs") {
        for (number, line) in text.lines().enumerate() {
            let found = promises.iter().find(|word| line.contains(word.as_str()));
            assert!(found.is_none(), "{path}:{}: {found:?}: {line}", number + 1);
        }
    }
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    let allow = ["#[al", "low("].concat();
    let ignore = ["#[ig", "nore"].concat();
    let expect = ["#[exp", "ect("].concat();
    for (path, text) in files(".rs") {
        for (at, _) in text.match_indices(&expect) {
            let attribute = text[at..].split(")]").next().unwrap();
            assert!(attribute.contains("reason"), "{path}: an expected lint without a reason: {attribute}");
        }
        for word in [&allow, &ignore] {
            let line = text.lines().position(|line| line.trim_start().starts_with(word.as_str()));
            assert!(line.is_none(), "{path}:{}: {word}", line.unwrap_or(0) + 1);
        }
    }
}
