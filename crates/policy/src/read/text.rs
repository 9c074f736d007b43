//! Free texts with rules: commands, URLs, addresses, versions, names. What is accepted here is later put into
//! file names, command environments and requests; the rules leave no room for tricks.

use crate::findings::{Finding, Unfinished};
use crate::problem::Code;
use crate::selector::{self, Selector};
use crate::shape::TextRule;
use crate::yaml::quoted;
use std::net::{IpAddr, SocketAddr};

/// Whether a text follows its rule.
pub(super) fn check(text: &str, rule: TextRule) -> Result<(), Finding> {
    let (ok, noun, example, hint) = match rule {
        TextRule::Url => return url(text),
        TextRule::Listen => return listen(text),
        TextRule::Selector => return selector(text),
        TextRule::LabelValue => return label_value(text),
        TextRule::Command => (!text.trim().is_empty(), "a command", "./shop --port $PORT", "write what a shell runs"),
        TextRule::UrlPath => (is_path(text), "a path of a URL", "/healthz", "start it with `/`, without spaces"),
        TextRule::Directory => (is_line(text), "a directory", ".", "write `.` for the directory of the policy file"),
        TextRule::File => (is_line(text), "the path of a file", "/run/secrets/token", "write the path of a file"),
        TextRule::Branch => (is_branch(text), "a branch", "release/v2", "write the branch as `git branch` shows it"),
        TextRule::Token => {
            (is_token(text), "the name of a cookie or header", "uid", "letters, digits and hyphens, without spaces")
        }
        TextRule::Label => (
            is_variable(text),
            "the name of a label",
            "version",
            "letters, digits and underscores, as Prometheus has them",
        ),
        TextRule::UserName => {
            let plain = is_line(text) && !text.contains(':');
            (plain, "the name of a user", "tidegate", "write one line without a colon")
        }
        TextRule::Version => {
            let hint = "1 to 63 letters, digits, `.`, `_`, `+` or `-`, starting with a letter or digit";
            (is_version(text), "a version", "1.4.0", hint)
        }
        TextRule::Variable => {
            let hint = "letters, digits and underscores, starting with a letter or underscore";
            (is_variable(text), "the name of an environment variable", "API_URL", hint)
        }
    };
    if ok { Ok(()) } else { Err(wrong(text, noun, example).hint(hint)) }
}

/// Whether this can be the name of a service, a rollout and the like.
pub(crate) fn check_name(name: &str) -> Result<(), Finding> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let first = name.bytes().next().is_some_and(plain);
    if first && name.len() <= 63 && name.bytes().all(|b| plain(b) || b == b'-') {
        return Ok(());
    }
    Err(wrong(name, "a name", "shop")
        .hint("1 to 63 lower-case letters, digits and hyphens, starting with a letter or digit")
        .or_better(tamed(name).map(|tamed| format!("write `{tamed}`"))))
}

/// What the name of a variable says about its value.
pub(super) fn names_a_secret(variable: &str) -> bool {
    let name = variable.to_ascii_uppercase();
    ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "APIKEY", "PRIVATE_KEY", "ACCESS_KEY"]
        .iter()
        .any(|end| name.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('_')))
}

fn wrong(text: &str, noun: &str, example: &str) -> Unfinished {
    let why = format!("found {}, expected {noun} such as `{example}`", quoted(text));
    Finding::new(Code::IllFormed, format!("this is not {noun}"), why)
}

/// The name that somebody meant who wrote `My Shop`.
fn tamed(name: &str) -> Option<String> {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let tamed = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
    (!tamed.is_empty() && tamed.len() <= 63).then_some(tamed)
}

fn is_line(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= 4_096 && !text.contains(char::is_control)
}

fn is_path(text: &str) -> bool {
    text.starts_with('/') && text.len() <= 2_048 && text.bytes().all(|b| b.is_ascii_graphic())
}

fn is_version(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric();
    text.len() <= 63
        && text.bytes().next().is_some_and(plain)
        && text.bytes().all(|b| plain(b) || matches!(b, b'.' | b'_' | b'+' | b'-'))
}

/// What git allows, without the exotic.
fn is_branch(text: &str) -> bool {
    is_line(text)
        && text.len() <= 250
        && !text.contains("..")
        && !text.contains("//")
        && !text.starts_with(['-', '/', '.'])
        && !text.ends_with(['/', '.'])
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '+' | '#' | '@'))
}

/// A `token` of RFC 9110.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 256
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

fn is_variable(text: &str) -> bool {
    text.len() <= 256
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn url(text: &str) -> Result<(), Finding> {
    let wrong = || wrong(text, "a URL", "http://127.0.0.1:8080/healthz");
    if text.starts_with("https://") {
        let why = format!("found {}, expected a URL that starts with `http://`", quoted(text));
        return Err(Finding::new(Code::NotYet, "not yet: requests over TLS", why)
            .hint("use an `http://` URL, or a command hook that calls curl"));
    }
    let Some(rest) = text.strip_prefix("http://") else {
        return Err(wrong().hint("start it with `http://`"));
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if authority.contains('@') {
        let why = "found credentials in a URL, expected none; what is written here is kept in the journal for ever";
        return Err(Finding::new(Code::Secret, "a secret is never written into a policy", why)
            .hint("leave them out; a command hook can read them from its environment"));
    }
    if !is_authority(authority) {
        return Err(wrong().hint("write a host, or an address, with a port from 1 to 65535 if it is not 80"));
    }
    let path_ok = path.is_empty() || path.starts_with('?') && is_path(&format!("/{path}")) || is_path(path);
    if path_ok { Ok(()) } else { Err(wrong().hint("write spaces and letters outside of ASCII as `%20` and the like")) }
}

fn is_authority(authority: &str) -> bool {
    if authority.parse::<SocketAddr>().is_ok_and(|address| address.port() != 0) {
        return true;
    }
    let bracketed = authority.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if bracketed.is_some_and(|v6| v6.parse::<std::net::Ipv6Addr>().is_ok()) {
        return true;
    }
    let (host, port) = authority.split_once(':').unwrap_or((authority, "80"));
    let label = |l: &str| {
        !l.is_empty() && l.len() <= 63 && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    host.len() <= 253 && host.split('.').all(label) && port.parse::<u16>().is_ok_and(|port| port != 0)
}

fn selector(text: &str) -> Result<(), Finding> {
    let example = "http_requests_total{job=\"shop\"}";
    Selector::parse(text).map_err(|reason| {
        let why = format!("found {}: {reason}", quoted(text));
        Finding::new(Code::IllFormed, "this is not a selector of counters", why)
            .hint(format!("write a metric with its labels, such as `{example}`; Tidegate adds range and version"))
    })?;
    known_variables(text)
}

fn label_value(text: &str) -> Result<(), Finding> {
    if !is_line(text) || text.len() > 256 {
        return Err(wrong(text, "the value of a label", "$version").hint("write one line, or `$version`"));
    }
    known_variables(text)
}

fn known_variables(text: &str) -> Result<(), Finding> {
    let Some(unknown) = selector::unknown_variable(text) else { return Ok(()) };
    let why = format!("found `{unknown}`, expected `$version`, the only one there is");
    Err(Finding::new(Code::IllFormed, "this variable means nothing", why)
        .hint("write `$version` where the arm's version stands"))
}

fn listen(text: &str) -> Result<(), Finding> {
    if text.parse::<SocketAddr>().is_ok() {
        return Ok(());
    }
    let port = text.strip_prefix("localhost:").or(text.strip_prefix(':')).unwrap_or(text);
    let hint = match (text.parse::<IpAddr>(), port.parse::<u16>()) {
        (Ok(_), _) => "add the port".to_owned(),
        (Err(_), Ok(port)) => format!("write `127.0.0.1:{port}` for this machine only, `0.0.0.0:{port}` for everybody"),
        (Err(_), Err(_)) => "write `127.0.0.1:8080` for this machine only, `0.0.0.0:8080` for everybody".to_owned(),
    };
    Err(wrong(text, "an IP address with a port", "127.0.0.1:8080").hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(text: &str, rule: TextRule) -> bool {
        check(text, rule).is_ok()
    }

    #[test]
    fn urls() {
        for good in [
            "http://127.0.0.1:9000/healthz",
            "http://localhost",
            "http://shop.example.org:8080/?q=1",
            "http://shop?x=y",
            "http://[::1]:80/",
            "http://[::1]/",
        ] {
            assert!(ok(good, TextRule::Url), "{good}");
        }
        for bad in [
            "",
            "http://",
            "http:///x",
            "http://a:0/",
            "http://a:/",
            "http://a b/",
            "http://a/ b",
            "ftp://a/",
            "http://a:1:2/",
            "http://a/\u{e9}",
        ] {
            assert!(!ok(bad, TextRule::Url), "{bad}");
        }
    }

    #[test]
    fn names_versions_branches() {
        for good in ["a", "shop", "shop-2", "0", &"x".repeat(63)] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "Shop", "a.b", "a/b", "a_b", "\u{e9}", " a", &"x".repeat(64)] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
        for good in ["1", "1.0", "v2.0.0-rc.1+build_5", "2026-11-23", "3f2c9aa"] {
            assert!(ok(good, TextRule::Version), "{good}");
        }
        for bad in ["", ".", "..", "-1", "a/b", "a b", "\u{e9}", &"1".repeat(64)] {
            assert!(!ok(bad, TextRule::Version), "{bad}");
        }
        for good in ["main", "release/v2", "feature/x_y.z#1"] {
            assert!(ok(good, TextRule::Branch), "{good}");
        }
        for bad in ["", "-x", "a..b", "a b", "a:b", "/a", "a/", "a\nb"] {
            assert!(!ok(bad, TextRule::Branch), "{bad}");
        }
    }

    #[test]
    fn addresses() {
        for good in ["127.0.0.1:8080", "0.0.0.0:0", "[::]:80"] {
            assert!(ok(good, TextRule::Listen), "{good}");
        }
        for bad in ["", "8080", ":8080", "localhost:80", "127.0.0.1", "127.0.0.1:70000", "::1:80"] {
            assert!(!ok(bad, TextRule::Listen), "{bad}");
        }
    }

    #[test]
    fn variables_that_name_secrets() {
        for secret in ["TOKEN", "API_TOKEN", "db_password", "AWS_SECRET_ACCESS_KEY", "STRIPE_API_KEY"] {
            assert!(names_a_secret(secret), "{secret}");
        }
        for plain in ["TOKENIZER", "KEYBOARD", "PORT", "MONKEY", "API_TOKEN_URL", "BROKEN"] {
            assert!(!names_a_secret(plain), "{plain}");
        }
    }
}
