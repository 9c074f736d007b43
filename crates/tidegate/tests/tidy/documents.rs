//! Documents: every error code has its page, every page its code, every link its end.

use crate::tree::{files, read, root};
use std::collections::BTreeSet;

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let raised: BTreeSet<String> = files(".rs")
        .iter()
        .filter(|(path, _)| path.contains("/src/"))
        .flat_map(|(_, text)| text.match_indices("TG-").filter_map(|(at, _)| code_at(&text[at..])).collect::<Vec<_>>())
        .collect();
    let pages: BTreeSet<String> = files(".md")
        .iter()
        .filter_map(|(path, _)| Some(path.strip_prefix("docs/errors/")?.strip_suffix(".md")?.to_string()))
        .filter(|name| name.starts_with("TG-"))
        .collect();
    let without_page: Vec<_> = raised.difference(&pages).collect();
    let without_code: Vec<_> = pages.difference(&raised).collect();
    assert!(without_page.is_empty(), "raised, but docs/errors has no page: {without_page:?}");
    assert!(without_code.is_empty(), "a page, but nothing raises it: {without_code:?}");
}

#[test]
fn error_pages_answer_the_three_questions() {
    for (path, text) in files(".md").iter().filter(|(path, _)| path.starts_with("docs/errors/TG-")) {
        let code = path.trim_start_matches("docs/errors/").trim_end_matches(".md");
        assert!(text.starts_with(&format!("# {code}: ")), "{path} does not begin with its code");
        for question in ["## What happened", "## Why", "## What to do"] {
            assert!(text.contains(question), "{path} lacks `{question}`");
        }
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    for (path, text) in files(".md") {
        let folder = root().join(&path).parent().unwrap().to_path_buf();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or("");
            if target.is_empty() || target.contains("://") || target.contains(' ') {
                continue;
            }
            assert!(folder.join(target).exists(), "{path} links to {target}, which does not exist");
        }
    }
}

#[test]
fn what_users_notice_is_in_the_changelog() {
    assert!(read("CHANGELOG.md").contains("## Unreleased"));
}

/// `TG-1234` at the beginning of a text.
fn code_at(text: &str) -> Option<String> {
    let code = text.get(..7)?;
    code[3..].bytes().all(|b| b.is_ascii_digit()).then(|| code.to_string())
}
