//! The fold of the token stream.

use super::event::Event;
use super::secret::{self, Hash, NOBODY};
use crate::dto::{Scope, Token, TokenState};
use flags::access::{Grant, Role};
use journal::Entry;
use std::collections::BTreeMap;

/// All tokens, as the journal tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Book {
    tokens: BTreeMap<u64, Kept>,
    /// The last entry of the stream that was folded.
    pub(super) seq: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Kept {
    name: String,
    scopes: Vec<Scope>,
    flags: Vec<Grant>,
    hash: Hash,
    expires_at_ms: Option<i64>,
    issued: (i64, String),
    revoked: Option<(i64, String)>,
}

/// A token that is good, as far as a request needs to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bearer {
    pub(crate) number: u64,
    pub(crate) name: String,
    scopes: Vec<Scope>,
    flags: Vec<Grant>,
}

impl Bearer {
    pub(crate) fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope) || self.scopes.contains(&Scope::Admin)
    }

    /// Its roles for flags. Who may read everything may look at flags as well, and who may do everything may change them.
    pub(crate) fn grants(&self) -> Vec<Grant> {
        let mut grants = self.flags.clone();
        if self.scopes.contains(&Scope::Admin) {
            grants.push(Grant::everywhere(Role::Admin));
        }
        if self.scopes.contains(&Scope::Read) {
            grants.push(Grant::everywhere(Role::Viewer));
        }
        grants
    }
}

/// Why a secret opens nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shut {
    Unknown,
    Expired { name: String, at_ms: i64 },
    Revoked { name: String },
}

impl Book {
    /// Takes the next entry of the stream; one that was folded before changes nothing.
    pub(super) fn take(&mut self, entry: &Entry) -> Result<(), String> {
        if entry.seq <= self.seq {
            return Ok(());
        }
        let when = (entry.at_ms, entry.actor.clone());
        match Event::read(entry)? {
            Event::TokenIssued { id, name, scopes, flags, hash, expires_at_ms } => {
                let hash = secret::unhex(&hash).ok_or_else(|| format!("entry {} has no hash", entry.seq))?;
                self.tokens.insert(id, Kept { name, scopes, flags, hash, expires_at_ms, issued: when, revoked: None });
            }
            Event::TokenRevoked { id } => {
                if let Some(token) = self.tokens.get_mut(&id) {
                    token.revoked.get_or_insert(when);
                }
            }
        }
        self.seq = entry.seq;
        Ok(())
    }

    /// Whose secret this is, if it is good.
    pub(super) fn bearer(&self, secret: &str, now_ms: i64) -> Result<Bearer, Shut> {
        let number = secret::number(secret);
        let kept = number.and_then(|number| self.tokens.get(&number).map(|kept| (number, kept)));
        let expected = kept.map_or(&NOBODY, |(_, kept)| &kept.hash);
        let right = secret::same(&secret::hash(secret), expected);
        let (Some((number, kept)), true) = (kept, right) else { return Err(Shut::Unknown) };
        match kept.state(now_ms) {
            TokenState::Active => Ok(kept.bearer(number)),
            TokenState::Revoked => Err(Shut::Revoked { name: kept.name.clone() }),
            TokenState::Expired => {
                Err(Shut::Expired { name: kept.name.clone(), at_ms: kept.expires_at_ms.unwrap_or(now_ms) })
            }
        }
    }

    /// How long a token is still good, in milliseconds; `i64::MAX` when it has no end. Nothing when it is not good.
    pub(super) fn good_for(&self, number: u64, now_ms: i64) -> Option<i64> {
        let kept = self.tokens.get(&number)?;
        match kept.state(now_ms) {
            TokenState::Active => Some(kept.expires_at_ms.map_or(i64::MAX, |end| end.saturating_sub(now_ms))),
            TokenState::Expired | TokenState::Revoked => None,
        }
    }

    /// A token that is good, with the hash of its secret.
    pub(super) fn good(&self, number: u64, now_ms: i64) -> Option<(Bearer, &Hash)> {
        let kept = self.tokens.get(&number)?;
        (kept.state(now_ms) == TokenState::Active).then(|| (kept.bearer(number), &kept.hash))
    }

    /// Whether some token other than `but` opens everything.
    pub(super) fn has_admin(&self, but: Option<u64>, now_ms: i64) -> bool {
        self.tokens.iter().any(|(number, kept)| {
            Some(*number) != but && kept.scopes.contains(&Scope::Admin) && kept.state(now_ms) == TokenState::Active
        })
    }

    pub(super) fn next_number(&self) -> u64 {
        self.tokens.keys().next_back().map_or(1, |last| last.saturating_add(1))
    }

    pub(super) fn list(&self, now_ms: i64) -> Vec<Token> {
        self.tokens.iter().map(|(number, kept)| kept.show(*number, now_ms)).collect()
    }

    pub(super) fn show(&self, number: u64, now_ms: i64) -> Option<Token> {
        self.tokens.get(&number).map(|kept| kept.show(number, now_ms))
    }
}

impl Kept {
    fn bearer(&self, number: u64) -> Bearer {
        Bearer { number, name: self.name.clone(), scopes: self.scopes.clone(), flags: self.flags.clone() }
    }

    fn state(&self, now_ms: i64) -> TokenState {
        match (&self.revoked, self.expires_at_ms) {
            (Some(_), _) => TokenState::Revoked,
            (None, Some(end)) if now_ms >= end => TokenState::Expired,
            (None, Some(_) | None) => TokenState::Active,
        }
    }

    fn show(&self, number: u64, now_ms: i64) -> Token {
        Token {
            id: format!("t{number}"),
            name: self.name.clone(),
            scopes: self.scopes.clone(),
            flags: self.flags.clone(),
            state: self.state(now_ms),
            issued_at_ms: self.issued.0,
            issued_by: self.issued.1.clone(),
            expires_at_ms: self.expires_at_ms,
            revoked_at_ms: self.revoked.as_ref().map(|revoked| revoked.0),
            revoked_by: self.revoked.as_ref().map(|revoked| revoked.1.clone()),
        }
    }
}
