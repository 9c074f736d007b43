//! A request in the words of HTTP/1.1, as far as the upstream has taken it.

use std::io::{self, IoSlice, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use hyper::Method;
use hyper::body::{Body, Frame};
use hyper::header::{CONTENT_LENGTH, HeaderMap, TRAILER};
use hyper::http::request::Parts;
use tokio::io::AsyncWrite;
use tokio::net::TcpStream;

use super::exchange::Trouble;
use crate::forward::Outgoing;

/// The largest body that is written in one piece with its head, in bytes: to copy it costs less than to write from two places.
const LARGEST_COPY: usize = 16 * 1024;

/// A request whose head is borrowed for as long as it takes to write it.
pub(crate) struct Ask<'a> {
    pub(crate) parts: &'a Parts,
    pub(crate) body: Outgoing,
}

/// What is still to be written of a request.
#[derive(Debug)]
pub(super) struct Rest {
    /// The head, or what stands before a chunk.
    words: Bytes,
    data: Bytes,
    /// What stands behind the data.
    tail: &'static [u8],
    /// Where more comes from.
    body: Option<Outgoing>,
    chunked: bool,
    /// Whether the client has said that there are trailers.
    trailers: bool,
    /// Whether the upstream has taken anything at all.
    begun: bool,
}

/// Writes what can be written at once, which is everything for most requests. The head is put together in `room`.
pub(super) fn ask(stream: &TcpStream, ask: Ask<'_>, room: &mut Vec<u8>) -> Option<Box<Rest>> {
    room.clear();
    let parts = ask.parts;
    match ask.body {
        Outgoing::Whole(mut data) => {
            write_head(parts, Length::Known(data.len()), room);
            if data.len() <= LARGEST_COPY {
                room.extend_from_slice(&data);
                data.clear();
            }
            // Whatever is wrong with the stream is found by whoever polls the rest.
            let taken = stream.try_write(room).unwrap_or(0);
            let words = room.get(taken..).unwrap_or_default();
            (!(words.is_empty() && data.is_empty())).then(|| {
                let words = Bytes::copy_from_slice(words);
                Box::new(Rest { data, begun: taken > 0, ..Rest::of(words) })
            })
        }
        body @ Outgoing::Streaming(..) => {
            let chunked = !parts.headers.contains_key(CONTENT_LENGTH);
            write_head(parts, if chunked { Length::Chunked } else { Length::Said }, room);
            let trailers = chunked && parts.headers.contains_key(TRAILER);
            let words = Bytes::copy_from_slice(room);
            Some(Box::new(Rest { body: Some(body), chunked, trailers, ..Rest::of(words) }))
        }
    }
}

/// How the length of a body is told.
enum Length {
    Known(usize),
    /// By the header that the client has sent.
    Said,
    Chunked,
}

fn write_head(parts: &Parts, length: Length, out: &mut Vec<u8>) {
    out.extend_from_slice(parts.method.as_str().as_bytes());
    out.push(b' ');
    out.extend_from_slice(parts.uri.path_and_query().map_or("/", |path| path.as_str()).as_bytes());
    out.extend_from_slice(b" HTTP/1.1\r\n");
    write_headers(&parts.headers, out);
    match length {
        Length::Known(length) => {
            // Who sends a POST says how much there is, even if it is nothing (RFC 9110, section 8.6).
            let must = length > 0 || [Method::POST, Method::PUT, Method::PATCH].contains(&parts.method);
            if must && !parts.headers.contains_key(CONTENT_LENGTH) {
                write(out, format_args!("content-length: {length}\r\n"));
            }
        }
        Length::Said => {}
        Length::Chunked => out.extend_from_slice(b"transfer-encoding: chunked\r\n"),
    }
    out.extend_from_slice(b"\r\n");
}

fn write_headers(headers: &HeaderMap, out: &mut Vec<u8>) {
    for (name, value) in headers {
        out.extend_from_slice(name.as_str().as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
}

fn write(out: &mut Vec<u8>, words: std::fmt::Arguments<'_>) {
    // Memory takes everything.
    let _ = out.write_fmt(words);
}

impl Rest {
    fn of(words: Bytes) -> Self {
        let (data, tail, body) = (Bytes::new(), b"".as_slice(), None);
        Rest { words, data, tail, body, chunked: false, trailers: false, begun: false }
    }

    /// Writes as much as the upstream takes and the client gives. Ready when there is no more.
    pub(super) fn poll<W: AsyncWrite + Unpin>(
        &mut self,
        stream: &mut W,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Trouble>> {
        loop {
            ready!(self.poll_write(stream, cx)).map_err(|_| Trouble::Broke)?;
            let Some(body) = &mut self.body else { return Poll::Ready(Ok(())) };
            match ready!(Pin::new(body).poll_frame(cx)) {
                Some(Ok(frame)) => self.put(frame),
                Some(Err(_)) => return Poll::Ready(Err(Trouble::Client)),
                None => self.end(None),
            }
        }
    }

    /// Whether the upstream has taken anything.
    pub(super) fn has_begun(&self) -> bool {
        self.begun
    }

    /// What is left of a body that comes in pieces, if nothing of the request was taken: it can be sent elsewhere.
    pub(super) fn unsent(self) -> Option<Option<Outgoing>> {
        (!self.begun).then_some(self.body)
    }

    fn poll_write<W: AsyncWrite + Unpin>(&mut self, stream: &mut W, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !(self.words.is_empty() && self.data.is_empty() && self.tail.is_empty()) {
            let slices = [IoSlice::new(&self.words), IoSlice::new(&self.data), IoSlice::new(self.tail)];
            let taken = ready!(Pin::new(&mut *stream).poll_write_vectored(cx, &slices))?;
            self.took(taken);
        }
        Poll::Ready(Ok(()))
    }

    fn took(&mut self, taken: usize) {
        self.begun = true;
        let words = taken.min(self.words.len());
        self.words.advance(words);
        let data = (taken - words).min(self.data.len());
        self.data.advance(data);
        self.tail = self.tail.get(taken - words - data..).unwrap_or_default();
    }

    fn put(&mut self, frame: Frame<Bytes>) {
        match frame.into_data() {
            // A chunk of nothing would be the end.
            Ok(data) if data.is_empty() => {}
            Ok(data) => {
                if self.chunked {
                    self.words = Bytes::from(format!("{:x}\r\n", data.len()));
                    self.tail = b"\r\n";
                }
                self.data = data;
            }
            Err(frame) => self.end(frame.into_trailers().ok()),
        }
    }

    fn end(&mut self, trailers: Option<HeaderMap>) {
        self.body = None;
        if self.chunked {
            let mut words = b"0\r\n".to_vec();
            if let Some(trailers) = trailers.filter(|_| self.trailers) {
                write_headers(&trailers, &mut words);
            }
            words.extend_from_slice(b"\r\n");
            self.words = Bytes::from(words);
        }
    }
}
