//! The page of every error code, as it stands in `docs/errors/`.

/// Code and page, sorted by code.
const PAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The page of a code; letters may be small, and `TG-` may be left out.
#[must_use]
pub(crate) fn page(code: &str) -> Option<(&'static str, &'static str)> {
    let code = code.trim().to_ascii_uppercase();
    let code = if code.starts_with("TG-") { code } else { format!("TG-{code}") };
    PAGES.iter().find(|(known, _)| *known == code).copied()
}

/// All codes with the titles of their pages.
pub(crate) fn titles() -> impl Iterator<Item = (&'static str, &'static str)> {
    PAGES.iter().map(|(code, page)| {
        let title = page.lines().next().unwrap_or_default().trim_start_matches('#').trim();
        (*code, title.strip_prefix(code).map_or(title, |rest| rest.trim_start_matches([':', ' '])))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_its_parts() {
        for (code, page) in PAGES {
            assert!(page.starts_with(&format!("# {code}: ")), "{code} begins with its own title");
            for part in ["## What happened", "## Why", "## What to do"] {
                assert!(page.contains(part), "{code} has no part `{part}`");
            }
        }
    }

    #[test]
    fn a_code_may_be_typed_lazily() {
        assert_eq!(page("7001").map(|(code, _)| code), Some("TG-7001"));
        assert_eq!(page(" tg-7001").map(|(code, _)| code), Some("TG-7001"));
        assert_eq!(page("7xyz"), None);
    }
}
