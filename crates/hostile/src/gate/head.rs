//! The head of a request on its way through the gate: what concerns one connection stays behind, what names the user and the trace is
//! sane, and what one gate sends the next one takes.

use crate::soon;
use ::gate::fuzzing::rehearse;
use hyper::header::{CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue, TE, TRANSFER_ENCODING, UPGRADE};
use hyper::{Method, Request, Uri, Version};
use std::net::IpAddr;

const CLIENT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));

/// A head as HTTP/1 writes it: a request line, then headers. Lines that no parser would let through are left out.
pub fn gate_head(bytes: &[u8]) {
    let Some(request) = parse(bytes) else { return };
    let once = soon(|| rehearse(request.clone(), CLIENT));
    if once.named {
        assert_eq!(rehearse(request.clone(), CLIENT).user, once.user, "the same head is another user");
    }
    assert!(once.id.as_deref().is_some_and(|id| (1..=128).contains(&id.len()) && id.is_ascii()), "{:?}", once.id);
    if let Some(sent) = &once.http1 {
        sane(sent.headers());
        http1(sent);
        let next = rehearse(sent.clone(), CLIENT);
        assert!(!once.named || next.user == once.user, "the next gate sees another user: {sent:?}");
        assert!(next.http1.is_some(), "the next gate refuses what this one sends: {sent:?}");
        assert_eq!(next.id, once.id, "the id changes from gate to gate");
    }
    if let Some(sent) = &once.http2 {
        sane(sent.headers());
        assert_eq!(sent.version(), Version::HTTP_2);
        assert!(sent.uri().authority().is_some() && sent.uri().scheme().is_some(), "{sent:?}");
        for name in [CONNECTION, UPGRADE, HOST] {
            assert!(!sent.headers().contains_key(&name), "{name} to an HTTP/2 upstream: {sent:?}");
        }
    }
}

fn http1(sent: &Request<()>) {
    let headers = sent.headers();
    assert_eq!(headers.get_all(HOST).iter().count(), 1, "{sent:?}");
    assert!(sent.uri().authority().is_none() && sent.uri().scheme().is_none(), "{sent:?}");
    assert_eq!(sent.version(), Version::HTTP_11);
    let connection = headers.get_all(CONNECTION).iter().collect::<Vec<_>>();
    assert!(connection.len() <= 1, "{sent:?}");
    if let Some(named) = connection.first() {
        assert!([&b"upgrade"[..], b"te", b"upgrade, te"].contains(&named.as_bytes()), "{sent:?}");
    }
    assert_eq!(
        headers.contains_key(UPGRADE),
        connection.iter().any(|v| v.as_bytes().starts_with(b"upgrade")),
        "{sent:?}"
    );
}

/// What no upstream may see, whatever it speaks.
fn sane(headers: &HeaderMap) {
    for name in ["keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "expect"] {
        assert!(!headers.contains_key(name), "{name} travels on: {headers:?}");
    }
    assert!(!headers.contains_key(TRANSFER_ENCODING), "{headers:?}");
    assert!(headers.get_all(TE).iter().all(|value| value == "trailers"), "{headers:?}");
    for name in ["x-forwarded-for", "forwarded", "x-request-id", "traceparent"] {
        assert_eq!(headers.get_all(name).iter().count(), 1, "{name}: {headers:?}");
    }
    for name in ["x-forwarded-for", "forwarded"] {
        let line = headers.get(name).map_or(&b""[..], HeaderValue::as_bytes);
        let last = String::from_utf8_lossy(line.rsplit(|&b| b == b',').next().unwrap_or(line)).into_owned();
        assert!(last.contains("192.0.2.7"), "the client's address is not the last of {name}: {headers:?}");
    }
    let parent = headers.get("traceparent").map_or(&b""[..], HeaderValue::as_bytes);
    assert!(parent.len() >= 55 && parent.get(2) == Some(&b'-'), "{headers:?}");
}

fn parse(bytes: &[u8]) -> Option<Request<()>> {
    let mut lines = bytes.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut words = lines.next()?.splitn(3, |&byte| byte == b' ');
    let mut request = Request::new(());
    *request.method_mut() = Method::from_bytes(words.next()?).ok()?;
    *request.uri_mut() = Uri::try_from(words.next()?).ok()?;
    *request.version_mut() = match words.next() {
        Some(b"HTTP/1.0") => Version::HTTP_10,
        Some(b"HTTP/2.0") => Version::HTTP_2,
        Some(_) | None => Version::HTTP_11,
    };
    for line in lines.take(200) {
        let mut pair = line.splitn(2, |&byte| byte == b':');
        let (Some(name), Some(value)) = (pair.next(), pair.next()) else { continue };
        let name = HeaderName::from_bytes(name);
        let value = HeaderValue::from_bytes(value.trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            request.headers_mut().append(name, value);
        }
    }
    Some(request)
}
