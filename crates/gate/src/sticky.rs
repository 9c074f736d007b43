//! Who the user is, so that the same user meets the same arm at every request.

use flags::bucket::hash;
use hyper::header::{COOKIE, HeaderMap, HeaderName, HeaderValue};

use crate::chance::fresh_id;
use crate::wire::StickyRule;

/// How long a browser keeps the cookie that names its user: longer than any rollout.
const COOKIE_SECONDS: u32 = 30 * 86_400;

/// The rules of one service, ready for use.
#[derive(Debug)]
pub(crate) struct Sticky {
    rules: Vec<Rule>,
    salt: String,
    /// The cookie that is set when no rule finds anything.
    cookie: Option<String>,
}

#[derive(Debug)]
enum Rule {
    Cookie(String),
    Header(HeaderName),
    Address,
}

/// A user as far as the gate knows one.
#[derive(Debug)]
pub(crate) struct User {
    /// The place on the line and the group, see `flags::bucket`.
    pub(crate) hash: u32,
    /// The cookie that will name the user from now on, if nothing else did.
    pub(crate) set_cookie: Option<HeaderValue>,
}

impl Sticky {
    /// Takes rules that were checked; a rule that could not have passed is left out.
    pub(crate) fn new(rules: &[StickyRule], salt: &str) -> Self {
        let cookie = rules.iter().find_map(|rule| match rule {
            StickyRule::Cookie(name) => Some(name.clone()),
            StickyRule::Header(_) | StickyRule::Address => None,
        });
        let rules = rules.iter().filter_map(|rule| match rule {
            StickyRule::Cookie(name) => Some(Rule::Cookie(name.clone())),
            StickyRule::Header(name) => HeaderName::from_bytes(name.as_bytes()).ok().map(Rule::Header),
            StickyRule::Address => Some(Rule::Address),
        });
        Sticky { rules: rules.collect(), salt: salt.to_owned(), cookie }
    }

    /// Finds out who sent `headers` from `address`.
    pub(crate) fn user(&self, headers: &HeaderMap, address: &str) -> User {
        for rule in &self.rules {
            let key = match rule {
                Rule::Cookie(name) => cookie(headers, name),
                Rule::Header(name) => headers.get(name).and_then(text).filter(|value| !value.is_empty()),
                Rule::Address => Some(address),
            };
            if let Some(key) = key {
                return User { hash: self.hash(key), set_cookie: None };
            }
        }
        let Some(name) = &self.cookie else {
            return User { hash: self.hash(address), set_cookie: None };
        };
        let id = fresh_id();
        let cookie = format!("{name}={id}; Path=/; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Lax");
        User { hash: self.hash(&id), set_cookie: HeaderValue::try_from(cookie).ok() }
    }

    fn hash(&self, key: &str) -> u32 {
        hash(&[&self.salt, key])
    }
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(text).flat_map(|line| line.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value)
}

/// A value that is no UTF-8 names nobody.
fn text(value: &HeaderValue) -> Option<&str> {
    str::from_utf8(value.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sticky(rules: &[StickyRule]) -> Sticky {
        Sticky::new(rules, "salt")
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn the_first_rule_that_finds_something_wins() {
        let sticky =
            sticky(&[StickyRule::Cookie("uid".into()), StickyRule::Header("x-user".into()), StickyRule::Address]);
        let key = |pairs: &[(&'static str, &'static str)]| sticky.user(&headers(pairs), "10.0.0.1").hash;
        assert_eq!(key(&[("cookie", "a=b; uid=ann"), ("x-user", "bob")]), hash(&["salt", "ann"]));
        assert_eq!(key(&[("cookie", "a=b"), ("cookie", "uid=ann")]), hash(&["salt", "ann"]));
        assert_eq!(key(&[("cookie", "a=b; xuid=ann; uid="), ("x-user", "bob")]), hash(&["salt", "bob"]));
        assert_eq!(key(&[("x-user", "")]), hash(&["salt", "10.0.0.1"]));
    }

    #[test]
    fn a_user_whom_nothing_names_gets_the_cookie_and_keeps_the_arm() {
        let sticky = sticky(&[StickyRule::Header("x-user".into()), StickyRule::Cookie("uid".into())]);
        let user = sticky.user(&HeaderMap::new(), "10.0.0.1");
        let cookie = user.set_cookie.unwrap();
        let line = cookie.to_str().unwrap();
        assert!(line.ends_with("; HttpOnly; SameSite=Lax") && line.contains("; Path=/"), "{line}");
        let mut next = HeaderMap::new();
        next.insert(COOKIE, HeaderValue::from_str(line.split(';').next().unwrap()).unwrap());
        let again = sticky.user(&next, "10.9.9.9");
        assert_eq!(again.hash, user.hash);
        assert!(again.set_cookie.is_none());
    }

    #[test]
    fn without_a_cookie_rule_the_address_names_the_user() {
        for rules in [&[][..], &[StickyRule::Header("x-user".into())]] {
            let user = sticky(rules).user(&HeaderMap::new(), "10.0.0.1");
            assert_eq!(user.hash, hash(&["salt", "10.0.0.1"]));
            assert!(user.set_cookie.is_none());
        }
    }
}
