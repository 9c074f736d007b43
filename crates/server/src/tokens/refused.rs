//! What is said when a token opens nothing, or cannot be issued or revoked.

use super::book::Shut;
use crate::code::Code;
use crate::dto::IssueToken;
use crate::failure::Failure;
use flags::access::Grant;

/// As people write it, in UTC.
fn moment(ms: i64) -> String {
    match jiff::Timestamp::from_millisecond(ms) {
        Ok(moment) => moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        Err(_) => format!("{ms} ms since 1970"),
    }
}

/// Whether such a token may be issued.
pub(super) fn check(ask: &IssueToken, now_ms: i64) -> Result<(), Failure> {
    let wrong = |detail: String, hint: &str| Err(Failure::of(Code::TokenAskedWrong, detail, hint));
    let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'@');
    if ask.name.is_empty() || ask.name.len() > 64 || !ask.name.bytes().all(fine) {
        return wrong(
            "the name is not one that the journal can show".to_string(),
            "use letters, digits, dots, dashes, underscores and `@`, at most 64",
        );
    }
    if ask.scopes.is_empty() && ask.flags.is_empty() {
        return wrong(
            "a token without a scope opens nothing".to_string(),
            "give it read, operate, signal or admin, or a role for flags",
        );
    }
    let nowhere = |grant: &Grant| {
        grant.channels.as_ref().is_some_and(Vec::is_empty) || grant.kinds.as_ref().is_some_and(Vec::is_empty)
    };
    if ask.flags.len() > 32 || ask.flags.iter().any(nowhere) {
        return wrong(
            "a role holds for an empty list of channels or kinds, or there are more than 32".to_string(),
            "leave the list out for all of them",
        );
    }
    let twice = ask.scopes.iter().enumerate().any(|(i, scope)| ask.scopes[..i].contains(scope));
    if twice {
        return wrong("a scope is there twice".to_string(), "name each scope once");
    }
    match ask.expires_at_ms {
        Some(end) if end <= now_ms => wrong(
            format!("it would have expired already: {} is not after {}", moment(end), moment(now_ms)),
            "let it end at a time that is still to come, or leave the end out",
        ),
        Some(_) | None => Ok(()),
    }
}

pub(super) fn shut(shut: Shut) -> Failure {
    match shut {
        Shut::Unknown => Failure::of(
            Code::TokenUnknown,
            "no token of this server has this secret",
            "check that the token belongs to this server and was copied whole",
        ),
        Shut::Expired { name, at_ms } => Failure::of(
            Code::TokenExpired,
            format!("the token {name} expired at {}", moment(at_ms)),
            "ask an admin for a new token",
        ),
        Shut::Revoked { name } => {
            Failure::of(Code::TokenRevoked, format!("the token {name} was revoked"), "ask an admin for a new token")
        }
    }
}

pub(super) fn no_such(id: &str) -> Failure {
    let id: String = id.chars().take(40).collect();
    Failure::of(
        Code::NoSuchToken,
        format!("there is no token {id:?}"),
        "`tidegate token list` shows all with their ids",
    )
}

pub(crate) fn crowded() -> Failure {
    Failure::of(Code::TokensUnread, "too many tokens are issued at the same time", "try again in a second")
}

pub(super) fn unreadable(why: &str) -> Failure {
    Failure::of(
        Code::TokensUnread,
        format!("the tokens in the journal cannot be understood by this version: {why}"),
        "run the version of Tidegate that wrote them, or a newer one",
    )
}
