//! What is generated from the language, or belongs to it, is as the language is. `TIDEGATE_BLESS=1` writes it anew.

use policy::Code;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
fn fresh(path: &str, content: &str) {
    let file = root().join(path);
    if std::env::var_os("TIDEGATE_BLESS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, content).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == content, "{path} is not what the language is; run TIDEGATE_BLESS=1 cargo test -p policy");
}

#[test]
fn the_schema_is_fresh() {
    fresh("schema/tidegate.schema.json", &format!("{}\n", serde_json::to_string_pretty(&policy::schema()).unwrap()));
}

#[test]
fn the_reference_is_fresh() {
    fresh("docs/reference/policy.md", &policy::reference());
}

#[test]
fn the_schema_and_the_reference_of_scenarios_are_fresh() {
    let schema = serde_json::to_string_pretty(&policy::scenario_schema()).unwrap();
    fresh("schema/scenario.schema.json", &format!("{schema}\n"));
    fresh("docs/reference/scenarios.md", &policy::scenario_reference());
}

#[test]
fn every_code_has_a_page() {
    for code in Code::ALL {
        let name = format!("docs/errors/{}.md", code.as_str());
        let page = std::fs::read_to_string(root().join(&name)).unwrap_or_default();
        assert!(page.starts_with(&format!("# {}: ", code.as_str())), "{name}");
        for part in ["\n## What happened\n", "\n## Why\n", "\n## What to do\n"] {
            assert!(page.contains(part), "{name} lacks {part}");
        }
    }
}

#[test]
fn every_page_has_a_code() {
    let pages = std::fs::read_dir(root().join("docs/errors")).unwrap();
    let names: Vec<_> = pages.map(|page| page.unwrap().file_name().into_string().unwrap()).collect();
    for name in names.iter().filter(|name| name.starts_with("TG-1")) {
        assert!(Code::ALL.iter().any(|code| format!("{}.md", code.as_str()) == *name), "{name}");
    }
}

#[test]
fn codes_are_different_and_sorted() {
    assert!(Code::ALL.windows(2).all(|pair| pair[0].as_str() < pair[1].as_str() && pair[0] < pair[1]));
}

#[test]
fn the_starter_is_short_and_refuses_names_that_are_none() {
    let starter = policy::starter("my-shop").unwrap();
    let lines = starter.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')).count();
    assert!(lines <= 15, "{lines} lines");
    assert!(policy::read(&starter, "tidegate.yaml").is_ok());
    let problem = policy::starter("My Shop\nchecks: []").unwrap_err();
    assert_eq!(problem.code, Code::IllFormed);
}
