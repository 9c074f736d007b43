//! Free texts with rules: commands, URLs, addresses, versions, names. What is accepted here is later put into
//! file names, command environments and requests; the rules leave no room for tricks.

use crate::findings::Finding;
use crate::problem::Code;
use crate::shape::TextRule;
use crate::yaml::quoted;
use std::net::{IpAddr, SocketAddr};

/// Whether a text follows its rule.
pub(super) fn check(text: &str, rule: TextRule) -> Result<(), Finding> {
    match rule {
        TextRule::Command => when(!text.trim().is_empty(), text, "a command", "./shop --port $PORT"),
        TextRule::UrlPath => when(is_path(text), text, "a path of a URL", "/healthz"),
        TextRule::Url => url(text),
        TextRule::Listen => listen(text),
        TextRule::Directory => when(is_line(text), text, "a directory", "."),
        TextRule::File => when(is_line(text), text, "the path of a file", "/run/secrets/token"),
        TextRule::Version => when(is_version(text), text, "a version", "1.4.0").map_err(|finding| {
            finding.hint("1 to 63 letters, digits, `.`, `_`, `+` or `-`, starting with a letter or digit")
        }),
        TextRule::Branch => when(is_branch(text), text, "a branch", "release/v2"),
        TextRule::Token => when(is_token(text), text, "the name of a cookie or header", "uid"),
        TextRule::Variable => when(is_variable(text), text, "the name of an environment variable", "API_URL"),
    }
}

/// Whether this can be the name of a service, a rollout and the like.
pub(crate) fn check_name(name: &str) -> Result<(), Finding> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let first = name.bytes().next().is_some_and(plain);
    if first && name.len() <= 63 && name.bytes().all(|b| plain(b) || b == b'-') {
        return Ok(());
    }
    let finding = when(false, name, "a name", "shop")
        .map_err(|f| f.hint("1 to 63 lower-case letters, digits and hyphens, starting with a letter or digit"));
    match (finding, tamed(name)) {
        (Err(finding), Some(tamed)) => Err(finding.hint(format!("write `{tamed}`"))),
        (result, _) => result,
    }
}

/// What the name of a variable says about its value.
pub(super) fn names_a_secret(variable: &str) -> bool {
    let name = variable.to_ascii_uppercase();
    ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "APIKEY", "PRIVATE_KEY", "ACCESS_KEY"]
        .iter()
        .any(|end| name.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('_')))
}

fn when(ok: bool, text: &str, noun: &str, example: &str) -> Result<(), Finding> {
    if ok {
        return Ok(());
    }
    let why = format!("found {}, expected {noun} such as `{example}`", quoted(text));
    Err(Finding::new(Code::IllFormed, format!("this is not {noun}"), why))
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
    let wrong = || when(false, text, "a URL", "http://127.0.0.1:8080/healthz");
    if text.starts_with("https://") {
        let why = format!("found {}, expected a URL that starts with `http://`", quoted(text));
        return Err(Finding::new(Code::NotYet, "not yet: requests over TLS", why)
            .hint("use an `http://` URL, or a command hook that calls curl"));
    }
    let Some(rest) = text.strip_prefix("http://") else {
        return wrong().map_err(|finding| finding.hint("start it with `http://`"));
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if authority.contains('@') {
        return wrong()
            .map_err(|finding| finding.hint("leave the credentials out; secrets do not belong into a policy"));
    }
    let path_ok = path.is_empty() || path.starts_with('?') && is_path(&format!("/{path}")) || is_path(path);
    if is_authority(authority) && path_ok { Ok(()) } else { wrong() }
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

fn listen(text: &str) -> Result<(), Finding> {
    if text.parse::<SocketAddr>().is_ok() {
        return Ok(());
    }
    let wrong = when(false, text, "an IP address with a port", "127.0.0.1:8080");
    let port = text.strip_prefix("localhost:").or(text.strip_prefix(':')).unwrap_or(text);
    if port.parse::<u16>().is_ok() {
        return wrong.map_err(|f| {
            f.hint(format!("write `127.0.0.1:{port}` for this machine only, `0.0.0.0:{port}` for everybody"))
        });
    }
    if text.parse::<IpAddr>().is_ok() {
        return wrong.map_err(|f| f.hint("add the port"));
    }
    wrong.map_err(|f| f.hint("write `127.0.0.1:8080` for this machine only, `0.0.0.0:8080` for everybody"))
}
