//! Who calls: where a token may stand, and what a client says of itself.
//!
//! The providers that exist cannot send an `authorization` header. What they can send is a provider's id (Python, when it
//! evaluates in process) and a selector (all of them), so a token may stand there too: it says by how it begins that it is one.

use crate::selector::Selector;
use hyper::HeaderMap;
use std::fmt;

/// How every token begins, so that one is known where a name could stand as well.
const TOKEN: &str = "tg_";

/// What is known of the client of one call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Caller<'a> {
    /// The token, from the first place that has one.
    pub credential: Option<&'a str>,
    /// Whose flags it wants. A token that stood in the selector is none: then it wants what the token is for.
    pub selector: Selector<'a>,
    /// The id that it gave itself; never a token.
    pub provider: &'a str,
    /// The library that it speaks with, as it says.
    pub agent: &'a str,
}

/// What is the matter with a request, whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadSelector;

impl<'a> Caller<'a> {
    /// The caller of an evaluation: all is in the headers.
    pub(crate) fn of(headers: &'a HeaderMap) -> Result<Self, BadSelector> {
        Self::with_body(headers, "", "")
    }

    /// The caller of a sync: older clients write into the body, and a header beats it.
    pub(crate) fn with_body(headers: &'a HeaderMap, provider: &'a str, selector: &'a str) -> Result<Self, BadSelector> {
        let selector = text(headers, "flagd-selector").unwrap_or(selector);
        let bearer = text(headers, "authorization").map(|value| value.strip_prefix("Bearer ").unwrap_or(value).trim());
        let in_provider = Some(provider).filter(|text| text.starts_with(TOKEN));
        let in_selector = Some(selector).filter(|text| text.starts_with(TOKEN));
        Ok(Self {
            credential: bearer.or_else(|| text(headers, "x-api-key")).or(in_provider).or(in_selector),
            selector: Selector::read(if in_selector.is_some() { "" } else { selector }).ok_or(BadSelector)?,
            provider: if in_provider.is_some() { "" } else { provider },
            agent: text(headers, "user-agent").unwrap_or_default(),
        })
    }
}

/// Never the token: callers end up in logs.
impl fmt::Debug for Caller<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("credential", &self.credential.map(|_| "hidden"))
            .field("selector", &self.selector)
            .field("provider", &self.provider)
            .field("agent", &self.agent)
            .finish()
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Headers, provider id and selector of the body; then credential, selector and provider as they are understood.
    type Case = (
        &'static [(&'static str, &'static str)],
        [&'static str; 2],
        Option<&'static str>,
        Selector<'static>,
        &'static str,
    );

    #[test]
    fn a_token_is_found_where_clients_can_put_it() {
        let cases: [Case; 8] = [
            (&[], ["", ""], None, Selector::Any, ""),
            (&[("authorization", "Bearer tg_a")], ["tg_b", ""], Some("tg_a"), Selector::Any, ""),
            (&[("x-api-key", "tg_a")], ["shop", ""], Some("tg_a"), Selector::Any, "shop"),
            (&[], ["tg_b", "flagSetId=staging"], Some("tg_b"), Selector::FlagSet("staging"), ""),
            (&[], ["shop", "tg_c"], Some("tg_c"), Selector::Any, "shop"),
            (&[("flagd-selector", "tg_d")], ["shop", "x"], Some("tg_d"), Selector::Any, "shop"),
            (&[("flagd-selector", "flagSetId=a")], ["", "flagSetId=b"], None, Selector::FlagSet("a"), ""),
            // A header that holds something else is not passed over for a place that clients use when they have no headers.
            (&[("authorization", "Basic x")], ["tg_b", ""], Some("Basic x"), Selector::Any, ""),
        ];
        for (entries, [provider, selector], credential, understood, name) in cases {
            let mut headers = HeaderMap::new();
            for (key, value) in entries {
                headers.insert(*key, value.parse().unwrap());
            }
            let caller = Caller::with_body(&headers, provider, selector).unwrap();
            let found = (caller.credential, caller.selector, caller.provider);
            assert_eq!(found, (credential, understood, name), "{entries:?} {provider:?} {selector:?}");
        }
    }

    #[test]
    fn a_token_is_not_written_where_a_caller_is() {
        let caller = Caller { credential: Some("tg_secret"), selector: Selector::Any, provider: "", agent: "" };
        assert!(!format!("{caller:?}").contains("secret"));
    }
}
