//! What the gate adds to a request so that it can be followed: an id that its response bears as well, and a place in a trace.

use hyper::header::{HeaderMap, HeaderName, HeaderValue};

use crate::chance::fresh_digits;
use crate::wire::DoorOrder;

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACE_STATE: HeaderName = HeaderName::from_static("tracestate");

/// Headers that the gate adds to a request.
const OURS: usize = 6;
/// Longer ids are somebody's attempt to fill logs.
const LONGEST_ID: usize = 128;

/// Marks a request, and gives the id that its response is to bear.
pub(super) fn put(headers: &mut HeaderMap, door: &DoorOrder) -> Option<HeaderValue> {
    // For these and for what tells of the client: to make room once costs less than to make it twice.
    headers.reserve(OURS);
    if door.trace_context && !only(headers, &TRACE_PARENT).is_some_and(|parent| is_trace_parent(parent.as_bytes())) {
        // Whoever cannot say where a trace stands cannot say what belongs to it (W3C trace context, section 3.3.1).
        headers.remove(TRACE_STATE);
        if let Ok(parent) = HeaderValue::from_bytes(&trace_parent()) {
            headers.insert(TRACE_PARENT, parent);
        }
    }
    if !door.request_id {
        return None;
    }
    if let Some(id) = only(headers, &REQUEST_ID).filter(|id| is_sane_id(id.as_bytes())) {
        return Some(id.clone());
    }
    let id = HeaderValue::from_bytes(&fresh_digits()).ok()?;
    headers.insert(REQUEST_ID, id.clone());
    Some(id)
}

/// Whether a header is one of the marks, which are for everybody on the way and not for one connection.
pub(super) fn is_mark(name: &HeaderName) -> bool {
    [REQUEST_ID, TRACE_PARENT, TRACE_STATE].contains(name)
}

/// The value of a header that is there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

/// An id ends up in logs and other people's headers, so it holds nothing that means something there.
fn is_sane_id(id: &[u8]) -> bool {
    (1..=LONGEST_ID).contains(&id.len())
        && id.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=@".contains(byte))
}

/// `version-trace-parent-flags` (W3C trace context, section 3.2). A later version may have more behind another dash.
fn is_trace_parent(value: &[u8]) -> bool {
    let Some((known, rest)) = value.split_at_checked(55) else { return false };
    let digits = |from: usize, to: usize| known.get(from..to).is_some_and(|part| part.iter().all(is_digit));
    let says_something =
        |from: usize, to: usize| known.get(from..to).is_some_and(|part| part.iter().any(|&b| b != b'0'));
    let dashes = [2, 35, 52].iter().all(|&at| known.get(at) == Some(&b'-'));
    let version = known.get(..2);
    dashes
        && digits(0, 2)
        && digits(3, 35)
        && digits(36, 52)
        && digits(53, 55)
        && says_something(3, 35)
        && says_something(36, 52)
        && version != Some(b"ff")
        && (rest.is_empty() || (version != Some(b"00") && rest.first() == Some(&b'-')))
}

fn is_digit(byte: &u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(byte)
}

/// A trace that begins here: sampled, since somebody has asked the gate to begin traces, and with an id that is random throughout.
fn trace_parent() -> [u8; 55] {
    let mut parent = *b"00-00000000000000000000000000000000-0000000000000000-03";
    parent[3..35].copy_from_slice(&fresh_digits());
    parent[36..52].copy_from_slice(&fresh_digits()[..16]);
    parent
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn door(trace_context: bool) -> DoorOrder {
        DoorOrder { trace_context, ..DoorOrder::default() }
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |&(name, value): &(&'static str, &str)| (HeaderName::from_static(name), value.parse().unwrap());
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn a_sane_id_is_kept_and_any_other_is_replaced() {
        for sane in ["a", "4f1c-9.a_b:c/d+e=f@g", &"x".repeat(128)] {
            let mut headers = headers(&[("x-request-id", sane)]);
            assert_eq!(put(&mut headers, &door(false)).unwrap(), sane);
            assert_eq!(headers[REQUEST_ID], sane);
        }
        for other in ["", "a b", "a\"b", "<script>", "a,b", &"x".repeat(129)] {
            let mut headers = headers(&[("x-request-id", other)]);
            let id = put(&mut headers, &door(false)).unwrap();
            assert_eq!((id.len(), headers.get_all(REQUEST_ID).iter().count()), (32, 1), "{other:?}");
            assert_eq!(headers[REQUEST_ID], id);
        }
        let mut twice = HeaderMap::new();
        twice.append(REQUEST_ID, HeaderValue::from_static("a"));
        twice.append(REQUEST_ID, HeaderValue::from_static("b"));
        put(&mut twice, &door(false)).unwrap();
        assert_eq!(twice.get_all(REQUEST_ID).iter().count(), 1);
        let off = DoorOrder { request_id: false, ..DoorOrder::default() };
        assert!(put(&mut HeaderMap::new(), &off).is_none());
    }

    #[test]
    fn a_trace_goes_on_or_begins_here() {
        for valid in [PARENT, "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more"] {
            let mut headers = headers(&[("traceparent", valid), ("tracestate", "a=b")]);
            put(&mut headers, &door(true));
            assert!(headers[TRACE_PARENT] == valid && headers[TRACE_STATE] == "a=b", "{valid}");
        }
        let broken = [
            "",
            "00",
            &PARENT.to_uppercase(),
            &PARENT[..54],
            &format!("{PARENT}-more"),
            &PARENT.replacen("00-", "ff-", 1),
            &PARENT.replacen("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32), 1),
            &PARENT.replacen("b7ad6b7169203331", &"0".repeat(16), 1),
            &PARENT.replacen('-', "_", 1),
        ];
        for broken in broken {
            let mut headers = headers(&[("traceparent", broken), ("tracestate", "a=b")]);
            put(&mut headers, &door(true));
            assert!(is_trace_parent(headers[TRACE_PARENT].as_bytes()), "{broken}: {:?}", headers[TRACE_PARENT]);
            assert!(!headers.contains_key(TRACE_STATE), "{broken}");
        }
    }

    #[test]
    fn without_tracing_what_came_is_passed_on() {
        let mut headers = headers(&[("traceparent", "whatever"), ("tracestate", "a=b")]);
        put(&mut headers, &door(false));
        assert!(headers[TRACE_PARENT] == "whatever" && headers[TRACE_STATE] == "a=b");
    }
}
