//! A release that waits for a person: why, in few words, and what that person can type.

use server::dto::{Release, Stage};

/// What a person is told of whom a release waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Why it waits.
    pub(crate) why: String,
    /// What the judge said then, without the word that `why` begins with.
    pub(crate) verdict: Option<String>,
    /// What to type next.
    pub(crate) next: String,
}

/// What the release waits for; nothing when it does not wait for a person.
#[must_use]
pub(crate) fn waiting(release: &Release) -> Option<Waiting> {
    let id = &release.id;
    let back = format!("tidegate rollback {id} --reason WHY");
    match (release.stage, &release.hold, &release.paused) {
        (Stage::Held, Some(hold), _) => {
            let (why, verdict) = taken_apart(&hold.reason);
            let next = format!("tidegate release advance {id} --reason WHY, tidegate release resume {id}, or {back}");
            Some(Waiting { why, verdict, next })
        }
        (Stage::Paused, _, Some(reason)) => {
            let next = format!("tidegate release resume {id}, or {back}");
            Some(Waiting { why: reason.clone(), verdict: None, next })
        }
        (_, _, _) => None,
    }
}

/// `undecided after 20 s in phase 2: undecided: error rate …` says two things, one of them twice.
fn taken_apart(reason: &str) -> (String, Option<String>) {
    let Some((why, verdict)) = reason.split_once(": ").filter(|(why, _)| why.starts_with("undecided")) else {
        return (reason.to_owned(), None);
    };
    let why = why.split(" in phase").next().unwrap_or(why);
    (why.to_owned(), Some(verdict.strip_prefix("undecided: ").unwrap_or(verdict).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_twice() {
        assert_eq!(
            taken_apart("undecided after 20 s in phase 2: undecided: error rate: 0 % against 0 %"),
            ("undecided after 20 s".into(), Some("error rate: 0 % against 0 %".into()))
        );
        let hook = "hook smoke failed (exit 1: no) and there is no version to go back to";
        assert_eq!(taken_apart(hook), (hook.into(), None));
    }
}
