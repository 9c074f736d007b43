//! The head of a response: what it says to the client, and what it says to the gate.

use std::mem::MaybeUninit;

use bytes::{Bytes, BytesMut};
use hyper::ext::ReasonPhrase;
use hyper::header::{
    CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE,
    TRANSFER_ENCODING, UPGRADE,
};
use hyper::{Method, Response, StatusCode};

use super::exchange::Trouble;
use super::framing::{Framing, Said};

/// The largest head, in bytes.
const LARGEST: usize = 256 * 1024;
const MOST_HEADERS: usize = 100;
/// Headers that the gate adds: there is room for them from the beginning.
const OURS: usize = 4;

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");

pub(super) struct Head {
    /// As the client gets it: without what concerns only the connection to the upstream.
    pub(super) response: Response<()>,
    pub(super) framing: Framing,
    /// Whether the upstream lets the connection carry another request.
    pub(super) keeps: bool,
    /// The protocol that the upstream goes on with.
    pub(super) protocol: Option<HeaderValue>,
}

/// Takes the head of the response to a request with `method` out of `inbox`, if the whole of it is there.
pub(super) fn take(inbox: &mut BytesMut, method: &Method) -> Result<Option<Head>, Trouble> {
    let Some(end) = end(inbox) else {
        return if inbox.len() < LARGEST { Ok(None) } else { Err(Trouble::Nonsense) };
    };
    let text = inbox.split_to(end).freeze();
    let mut slots = [const { MaybeUninit::uninit() }; MOST_HEADERS];
    let mut parsed = httparse::Response::new(&mut []);
    let config = httparse::ParserConfig::default();
    match config.parse_response_with_uninit_headers(&mut parsed, &text, &mut slots) {
        Ok(httparse::Status::Complete(length)) if length == text.len() => {}
        Ok(_) | Err(_) => return Err(Trouble::Nonsense),
    }
    read(&text, &parsed, method).map(Some)
}

/// The first byte behind the empty line.
fn end(inbox: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'\n', inbox).find_map(|at| match inbox.get(at + 1..)? {
        [b'\n', ..] => Some(at + 2),
        [b'\r', b'\n', ..] => Some(at + 3),
        _ => None,
    })
}

fn read(text: &Bytes, parsed: &httparse::Response<'_, '_>, method: &Method) -> Result<Head, Trouble> {
    let status = parsed.code.and_then(|code| StatusCode::from_u16(code).ok()).ok_or(Trouble::Nonsense)?;
    let modern = parsed.version == Some(1);
    let mut headers = HeaderMap::with_capacity(parsed.headers.len() + OURS);
    let (mut said, mut connection, mut protocol) = (Said::default(), Connection::default(), None);
    for header in parsed.headers.iter() {
        let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| Trouble::Nonsense)?;
        let value = || HeaderValue::from_maybe_shared(text.slice_ref(header.value)).map_err(|_| Trouble::Nonsense);
        if name == CONNECTION {
            connection.read(header.value);
        } else if name == TRANSFER_ENCODING {
            said.coding(header.value)?;
        } else if name == UPGRADE {
            protocol = Some(value()?);
        } else if name == CONTENT_LENGTH {
            said.length(header.value)?;
            headers.insert(name, HeaderValue::from(said.length.unwrap_or_default()));
        } else if !is_of_the_connection(&name) {
            headers.append(name, value()?);
        }
    }
    for name in connection.named {
        headers.remove(name);
    }
    if said.chunked {
        // Both: the chunks are believed (RFC 9112, section 6.3), so the other one must not travel on.
        headers.remove(CONTENT_LENGTH);
    }
    let framing = said.framing(method, status);
    let ends = matches!(framing, Framing::UntilClose) || (said.chunked && (said.length.is_some() || !modern));
    let keeps = !ends && !connection.closes && (modern || connection.keeps);
    let mut response = Response::new(());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    if let Some(reason) = parsed.reason.filter(|&reason| status.canonical_reason() != Some(reason))
        && let Ok(reason) = ReasonPhrase::try_from(reason.to_owned())
    {
        response.extensions_mut().insert(reason);
    }
    Ok(Head { response, framing, keeps, protocol })
}

/// What a response says of its connection.
#[derive(Default)]
struct Connection {
    closes: bool,
    keeps: bool,
    /// Other headers that concern only the connection.
    named: Vec<HeaderName>,
}

impl Connection {
    fn read(&mut self, value: &[u8]) {
        for one in value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii) {
            if one.eq_ignore_ascii_case(b"close") {
                self.closes = true;
            } else if one.eq_ignore_ascii_case(b"keep-alive") {
                self.keeps = true;
            } else if let Ok(name) = HeaderName::from_bytes(one)
                && name != CONTENT_LENGTH
            {
                self.named.push(name);
            }
        }
    }
}

/// What ends at the gate whether `Connection` names it or not.
fn is_of_the_connection(name: &HeaderName) -> bool {
    [TE, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, KEEP_ALIVE, PROXY_CONNECTION].contains(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(text: &str) -> Result<Option<Head>, Trouble> {
        take(&mut BytesMut::from(text), &Method::GET)
    }

    fn framing(head: &str) -> String {
        match heard(&format!("HTTP/1.1 {head}\r\n\r\n")) {
            Ok(Some(head)) => format!("{:?} {}", head.framing, if head.keeps { "keeps" } else { "ends" }),
            Ok(None) => "more".to_owned(),
            Err(trouble) => format!("{trouble:?}"),
        }
    }

    #[test]
    fn where_a_body_ends_is_read_as_the_standard_says() {
        for (head, expected) in [
            ("200 OK\r\ncontent-length: 5", "Length(5) keeps"),
            ("200 OK\r\ncontent-length: 5, 5\r\ncontent-length: 5", "Length(5) keeps"),
            ("200 OK\r\ncontent-length: 5\r\nconnection: Close", "Length(5) ends"),
            ("200 OK\r\ncontent-length: 0", "Over keeps"),
            ("200 OK\r\ntransfer-encoding: Chunked", "Chunked(Size) keeps"),
            ("200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 5", "Chunked(Size) ends"),
            ("200 OK", "UntilClose ends"),
            ("204 No Content", "Over keeps"),
            ("304 Not Modified\r\ncontent-length: 5", "Over keeps"),
            ("200 OK\r\ncontent-length: 5\r\ncontent-length: 6", "Nonsense"),
            ("200 OK\r\ncontent-length: 5, 6", "Nonsense"),
            ("200 OK\r\ncontent-length: +5", "Nonsense"),
            ("200 OK\r\ncontent-length: ", "Nonsense"),
            ("200 OK\r\ncontent-length: 99999999999999999999", "Nonsense"),
            ("200 OK\r\ntransfer-encoding: gzip, chunked", "Nonsense"),
            ("200 OK\r\ntransfer-encoding: chunked, chunked", "Nonsense"),
            ("200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: identity", "Nonsense"),
            ("200 OK\r\nno header", "Nonsense"),
            ("200 OK\r\nspace : 1", "Nonsense"),
            ("200 OK\r\na: 1\r\n folded: 2", "Nonsense"),
            ("99 Low", "Nonsense"),
        ] {
            assert_eq!(framing(head), expected, "{head:?}");
        }
        let head = take(&mut BytesMut::from("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"), &Method::HEAD);
        let head = head.unwrap().unwrap();
        assert!(matches!(head.framing, Framing::Over), "a HEAD has the length of the GET, and nothing comes");
        assert_eq!(head.response.headers()[CONTENT_LENGTH], "5");
    }

    #[test]
    fn an_old_server_keeps_a_connection_only_if_it_says_so() {
        for (head, keeps) in [("", false), ("connection: keep-alive\r\n", true), ("connection: close\r\n", false)] {
            let head = heard(&format!("HTTP/1.0 200 OK\r\ncontent-length: 1\r\n{head}\r\n")).unwrap().unwrap();
            assert_eq!(head.keeps, keeps);
        }
    }

    #[test]
    fn what_concerns_the_connection_does_not_travel_on() {
        let text = "HTTP/1.1 200 All right\r\nconnection: keep-alive, X-Only-Here, content-length\r\nkeep-alive: timeout=5\r\n\
                    x-only-here: 1\r\nupgrade: h2c\r\nproxy-connection: x\r\ncontent-length: 2\r\nset-cookie: a=b\r\nset-cookie: c=d\r\n\r\n";
        let head = heard(text).unwrap().unwrap();
        let mut names: Vec<_> =
            head.response.headers().iter().map(|(name, value)| format!("{name}={value:?}")).collect();
        names.sort();
        assert_eq!(names, ["content-length=\"2\"", "set-cookie=\"a=b\"", "set-cookie=\"c=d\""]);
        assert_eq!(head.response.extensions().get::<ReasonPhrase>().unwrap().as_bytes(), b"All right");
    }

    #[test]
    fn a_head_is_taken_when_the_whole_of_it_is_there() {
        let text = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";
        for cut in 0..text.len() - 2 {
            let mut inbox = BytesMut::from(&text[..cut]);
            assert!(take(&mut inbox, &Method::GET).unwrap().is_none(), "{cut}");
            assert_eq!(inbox, text[..cut]);
        }
        let mut inbox = BytesMut::from(&text[..]);
        assert!(take(&mut inbox, &Method::GET).unwrap().is_some());
        assert_eq!(inbox, b"hi"[..]);
        let mut endless = BytesMut::from(format!("HTTP/1.1 200 OK\r\na: {}", "x".repeat(LARGEST)).as_str());
        assert_eq!(take(&mut endless, &Method::GET).err(), Some(Trouble::Nonsense));
    }
}
