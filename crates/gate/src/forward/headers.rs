//! What of a message's headers goes on, what stays, and what the gate adds.

use hyper::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, Entry, HOST, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, TE, TRANSFER_ENCODING, UPGRADE,
};
use hyper::http::request::Parts;
use hyper::http::uri::{PathAndQuery, Scheme};
use hyper::{Uri, Version};

use super::failure::Failure;
use super::marks;
use super::peer::Peer;
use crate::wire::UpstreamProtocol;

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const FORWARDED: HeaderName = HeaderName::from_static("forwarded");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// What ends at the gate whether `Connection` names it or not (RFC 9110, section 7.6.1).
static OF_THE_CONNECTION: [HeaderName; 6] =
    [KEEP_ALIVE, PROXY_CONNECTION, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, UPGRADE];

/// Makes a client's request head one for any upstream; [`speak`] does the rest. Says whether the client asked for another protocol.
pub(super) fn to_upstream(parts: &mut Parts, peer: &Peer) -> Result<bool, Failure> {
    let host = host(parts, peer)?;
    let mut protocol = None;
    if has_more_than_ends(&parts.headers) {
        protocol = asked_protocol(parts);
        let trailers = takes_trailers(&parts.headers);
        strip(&mut parts.headers);
        if trailers {
            parts.headers.insert(TE, HeaderValue::from_static("trailers"));
        }
        // The gate has answered or will answer `100 Continue` itself, as soon as it reads the body.
        parts.headers.remove(EXPECT);
    }
    if parts.uri.scheme().is_some() || parts.uri.authority().is_some() {
        parts.uri = parts.uri.path_and_query().cloned().map_or_else(|| Uri::from_static("/"), Uri::from);
    }
    parts.version = Version::HTTP_11;
    let upgrades = protocol.is_some();
    if let Some(protocol) = protocol {
        parts.headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        parts.headers.insert(UPGRADE, protocol);
    }
    append(&mut parts.headers, FORWARDED_FOR, &peer.forwarded_for);
    append(&mut parts.headers, FORWARDED, &peer.forwarded);
    // A proxy in front of the gate knows better what its client spoke.
    parts.headers.entry(FORWARDED_PROTO).or_insert_with(|| peer.protocol.clone());
    parts.headers.entry(FORWARDED_HOST).or_insert_with(|| host.clone());
    parts.headers.insert(HOST, host);
    Ok(upgrades)
}

/// Puts a request head into the words of one protocol. It may have been in the words of the other before.
pub(super) fn speak(parts: &mut Parts, protocol: UpstreamProtocol) -> Result<(), Failure> {
    match protocol {
        UpstreamProtocol::Http1 => speak_http1(parts),
        UpstreamProtocol::H2c => speak_http2(parts),
    }
}

fn speak_http1(parts: &mut Parts) -> Result<(), Failure> {
    if let Some(authority) = parts.uri.authority() {
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| Failure::Malformed)?;
        parts.uri = parts.uri.path_and_query().cloned().map_or_else(|| Uri::from_static("/"), Uri::from);
        parts.headers.insert(HOST, host);
        parts.version = Version::HTTP_11;
    }
    if parts.headers.contains_key(TE) {
        let upgrades = parts.headers.contains_key(UPGRADE);
        let named = HeaderValue::from_static(if upgrades { "upgrade, te" } else { "te" });
        parts.headers.insert(CONNECTION, named);
    }
    Ok(())
}

fn speak_http2(parts: &mut Parts) -> Result<(), Failure> {
    // Another protocol on one stream of many would be extended CONNECT, which upstreams are not asked for.
    parts.headers.remove(CONNECTION);
    parts.headers.remove(UPGRADE);
    if let Some(host) = parts.headers.remove(HOST) {
        let path = parts.uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
        let uri = Uri::builder().scheme(Scheme::HTTP).authority(host.as_bytes()).path_and_query(path).build();
        parts.uri = uri.map_err(|_| Failure::Malformed)?;
        parts.version = Version::HTTP_2;
    }
    Ok(())
}

/// Makes the head of an HTTP/2 response the client's. (HTTP/1.1 has its own way, see [`crate::http1`].)
pub(super) fn from_upstream(headers: &mut HeaderMap) {
    if has_more_than_ends(headers) {
        strip(headers);
    }
}

/// Whether anything is there that concerns the connection, and not only the two ends. One look at all the names that are there costs
/// less than to ask for each that might be, and most messages have none.
fn has_more_than_ends(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| {
        *name == CONNECTION || *name == TRANSFER_ENCODING || *name == EXPECT || OF_THE_CONNECTION.contains(name)
    })
}

/// Removes what concerns only the connection that the message came on.
fn strip(headers: &mut HeaderMap) {
    if headers.contains_key(TRANSFER_ENCODING) {
        // Both lengths: the chunks were believed (RFC 9112, section 6.3), so the other one must not travel on.
        headers.remove(CONTENT_LENGTH);
        headers.remove(TRANSFER_ENCODING);
    }
    if headers.contains_key(CONNECTION) {
        let named: Vec<HeaderName> = headers
            .get_all(CONNECTION)
            .iter()
            .flat_map(|value| value.as_bytes().split(|&byte| byte == b','))
            .filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
            // Nor may a client take from upstreams what the gate has just put there for them.
            .filter(|name| *name != HOST && *name != CONTENT_LENGTH && !marks::is_mark(name))
            .collect();
        for name in named {
            headers.remove(name);
        }
        headers.remove(CONNECTION);
    }
    for name in &OF_THE_CONNECTION {
        headers.remove(name);
    }
}

/// Whom the client meant to reach. An authority in the request target beats the header (RFC 9112, section 3.2.2).
fn host(parts: &Parts, peer: &Peer) -> Result<HeaderValue, Failure> {
    if let Some(authority) = parts.uri.authority() {
        return HeaderValue::from_str(authority.as_str()).map_err(|_| Failure::Malformed);
    }
    let mut hosts = parts.headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => Ok(host.clone()),
        (None, _) if parts.version == Version::HTTP_10 => {
            HeaderValue::try_from(peer.local.to_string()).map_err(|_| Failure::Malformed)
        }
        (None, _) | (Some(_), Some(_)) => Err(Failure::Malformed),
    }
}

fn takes_trailers(headers: &HeaderMap) -> bool {
    let mut taken = headers.get_all(TE).iter().flat_map(|value| value.as_bytes().split(|&byte| byte == b','));
    taken.any(|one| one.trim_ascii().eq_ignore_ascii_case(b"trailers"))
}

fn asked_protocol(parts: &Parts) -> Option<HeaderValue> {
    if parts.version != Version::HTTP_11 {
        return None;
    }
    let mut named =
        parts.headers.get_all(CONNECTION).iter().flat_map(|value| value.as_bytes().split(|&byte| byte == b','));
    if named.any(|name| name.trim_ascii().eq_ignore_ascii_case(b"upgrade")) {
        parts.headers.get(UPGRADE).cloned()
    } else {
        None
    }
}

/// Adds a value behind those of earlier proxies, if there are any.
fn append(headers: &mut HeaderMap, name: HeaderName, value: &HeaderValue) {
    match headers.entry(name) {
        Entry::Vacant(place) => {
            place.insert(value.clone());
        }
        Entry::Occupied(mut place) => {
            let mut line: Vec<u8> = Vec::with_capacity(128);
            for earlier in place.iter() {
                line.extend_from_slice(earlier.as_bytes());
                line.extend_from_slice(b", ");
            }
            line.extend_from_slice(value.as_bytes());
            if let Ok(value) = HeaderValue::from_bytes(&line) {
                place.insert(value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, SocketAddr};

    use hyper::Request;

    use super::super::peer::Transport;
    use super::*;

    fn forwarded(request: hyper::http::request::Builder) -> Result<Parts, Failure> {
        let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));
        let peer = Peer::new(IpAddr::from([192, 0, 2, 7]), local, Transport::Plain);
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        to_upstream(&mut parts, &peer).map(|_| parts)
    }

    fn lines(parts: &Parts) -> Vec<String> {
        let mut lines: Vec<String> =
            parts.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        lines.sort();
        lines
    }

    #[test]
    fn what_concerns_only_the_connection_stays_behind() {
        let request = Request::get("/")
            .header("host", "shop.example")
            .header("connection", "keep-alive, X-Only-Here, host")
            .header("x-only-here", "1")
            .header("keep-alive", "timeout=5")
            .header("te", "trailers")
            .header("proxy-authorization", "Basic eA==")
            .header("proxy-connection", "close")
            .header("upgrade", "h2c")
            .header("expect", "100-continue")
            .header("x-other", "2");
        assert_eq!(
            lines(&forwarded(request).unwrap()),
            [
                "forwarded: for=192.0.2.7;proto=http",
                "host: shop.example",
                "te: trailers",
                "x-forwarded-for: 192.0.2.7",
                "x-forwarded-host: shop.example",
                "x-forwarded-proto: http",
                "x-other: 2"
            ]
        );
    }

    #[test]
    fn a_client_cannot_call_the_marks_of_the_gate_its_own() {
        let request = Request::get("/")
            .header("host", "shop.example")
            .header("connection", "x-request-id, traceparent, tracestate, x-other")
            .header("x-request-id", "1")
            .header("traceparent", "2")
            .header("tracestate", "3")
            .header("x-other", "4");
        let parts = forwarded(request).unwrap();
        let kept =
            ["x-request-id", "traceparent", "tracestate", "x-other"].map(|name| parts.headers.contains_key(name));
        assert_eq!(kept, [true, true, true, false]);
    }

    #[test]
    fn an_earlier_proxy_is_believed_and_the_address_is_appended() {
        let request = Request::get("/")
            .header("host", "shop.example")
            .header("x-forwarded-for", "203.0.113.9")
            .header("x-forwarded-for", "198.51.100.4")
            .header("x-forwarded-proto", "https")
            .header("forwarded", "for=203.0.113.9;proto=https, for=198.51.100.4")
            .header("connection", "x-forwarded-for-not");
        let parts = forwarded(request).unwrap();
        assert_eq!(parts.headers[FORWARDED_FOR], "203.0.113.9, 198.51.100.4, 192.0.2.7");
        assert_eq!(parts.headers[FORWARDED_PROTO], "https");
        assert_eq!(parts.headers[FORWARDED], "for=203.0.113.9;proto=https, for=198.51.100.4, for=192.0.2.7;proto=http");
    }

    #[test]
    fn an_absolute_target_beats_the_host_header() {
        let parts = forwarded(Request::get("http://shop.example:81/a?b=c").header("host", "elsewhere")).unwrap();
        assert_eq!(parts.uri, "/a?b=c");
        assert_eq!(parts.headers[HOST], "shop.example:81");
    }

    #[test]
    fn no_host_or_two_of_them_is_refused() {
        assert_eq!(forwarded(Request::get("/")).unwrap_err(), Failure::Malformed);
        assert_eq!(
            forwarded(Request::get("/").header("host", "a").header("host", "b")).unwrap_err(),
            Failure::Malformed
        );
        let old = forwarded(Request::get("/").version(Version::HTTP_10)).unwrap();
        assert_eq!(old.headers[HOST], "127.0.0.1:8080");
    }

    #[test]
    fn a_chunked_message_loses_its_other_length() {
        let request =
            Request::post("/").header("host", "a").header("transfer-encoding", "chunked").header("content-length", "5");
        let parts = forwarded(request).unwrap();
        assert!(!parts.headers.contains_key(CONTENT_LENGTH) && !parts.headers.contains_key(TRANSFER_ENCODING));
    }
}
