//! One request and its response on one connection.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::HeaderValue;
use hyper::{Method, Response, StatusCode};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::time::Instant;

use super::asking::{self, Ask, Rest};
use super::chunks::Step;
use super::framing::Framing;
use super::head::{self, Head};
use super::link::{Link, Stream};
use crate::forward::Outgoing;

/// Why a request got no response, or only a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The connection ended.
    Broke,
    /// What the upstream says is not HTTP, or can be read in two ways.
    Nonsense,
    /// The request's own body broke off.
    Client,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Trouble::Broke => "the application broke the connection off",
            Trouble::Nonsense => "the application does not speak HTTP/1.1",
            Trouble::Client => "the request broke off",
        })
    }
}

/// Whoever polls it drives both sides: what is left of the request, and the response.
#[derive(Debug)]
pub(crate) struct Exchange {
    link: Link,
    asking: Asking,
    framing: Framing,
    keeps: bool,
    protocol: Option<HeaderValue>,
}

/// How far the request is.
#[derive(Debug)]
enum Asking {
    Going(Box<Rest>),
    /// The response has begun before the request's end. Who reads it may wait for its client to read, and the client for the request to be
    /// taken, so the rest has a task of its own.
    Elsewhere,
    Done,
    /// The upstream takes no more of it. It may have said why.
    Stopped,
}

impl Exchange {
    pub(crate) fn begin(mut link: Link, ask: Ask<'_>) -> Exchange {
        let asking = match &link.stream {
            Stream::Whole(stream) => {
                asking::ask(stream, ask, &mut link.room_to_write).map_or(Asking::Done, Asking::Going)
            }
            Stream::Reading(_) | Stream::Gone => Asking::Stopped,
        };
        Exchange { link, asking, framing: Framing::UntilClose, keeps: false, protocol: None }
    }

    /// The head of the response to the request, which had `method`.
    pub(crate) fn poll_head(&mut self, method: &Method, cx: &mut Context<'_>) -> Poll<Result<Response<()>, Trouble>> {
        if let (Asking::Going(rest), Stream::Whole(stream)) = (&mut self.asking, &mut self.link.stream) {
            match rest.poll(stream, cx) {
                Poll::Ready(Ok(())) => self.asking = Asking::Done,
                Poll::Ready(Err(Trouble::Client)) => return Poll::Ready(Err(Trouble::Client)),
                Poll::Ready(Err(Trouble::Broke | Trouble::Nonsense)) if rest.has_begun() => {
                    self.asking = Asking::Stopped
                }
                Poll::Ready(Err(trouble)) => return Poll::Ready(Err(trouble)),
                Poll::Pending => {}
            }
        }
        loop {
            match head::take(&mut self.link.inbox, method)? {
                Some(head) if is_interim(head.response.status()) => {}
                Some(head) => return Poll::Ready(Ok(self.answered(head))),
                None => match ready!(self.link.poll_fill(cx)) {
                    Ok(0) | Err(_) => return Poll::Ready(Err(Trouble::Broke)),
                    Ok(_) => {}
                },
            }
        }
    }

    /// Ready when it is later than `due`.
    pub(crate) fn poll_due(&mut self, due: Instant, cx: &mut Context<'_>) -> Poll<()> {
        self.link.poll_due(due, cx)
    }

    /// What is left of a body that comes in pieces, if the upstream has taken nothing of the request: it can be sent elsewhere.
    pub(crate) fn unsent(self) -> Option<Option<Outgoing>> {
        match self.asking {
            Asking::Going(rest) => rest.unsent(),
            Asking::Elsewhere | Asking::Done | Asking::Stopped => None,
        }
    }

    /// The connection, if it can carry another request.
    pub(crate) fn finish(mut self) -> Option<Link> {
        let asked = matches!(self.asking, Asking::Done);
        let over = matches!(self.framing, Framing::Over);
        (self.keeps && asked && over && self.link.inbox.is_empty()).then(|| {
            self.link.rest();
            self.link
        })
    }

    /// The protocol that a 101 names.
    pub(crate) fn protocol(&self) -> Option<&HeaderValue> {
        self.protocol.as_ref()
    }

    /// The connection as it is after a 101, with what came on it already.
    pub(crate) fn into_tunnel(self) -> Option<(TcpStream, BytesMut)> {
        match self.link.stream {
            Stream::Whole(stream) => Some((stream, self.link.inbox)),
            Stream::Reading(_) | Stream::Gone => None,
        }
    }

    fn answered(&mut self, head: Head) -> Response<()> {
        let Head { response, framing, keeps, protocol } = head;
        (self.framing, self.keeps, self.protocol) = (framing, keeps, protocol);
        self.asking = match std::mem::replace(&mut self.asking, Asking::Stopped) {
            Asking::Going(rest) => {
                go_on(rest, self.link.split());
                Asking::Elsewhere
            }
            asking => asking,
        };
        response
    }

    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Frame<Bytes>>, Trouble>> {
        loop {
            let inbox = &mut self.link.inbox;
            match &mut self.framing {
                Framing::Over => return Poll::Ready(Ok(None)),
                Framing::Length(left) if !inbox.is_empty() => {
                    let here = usize::try_from(*left).map_or(inbox.len(), |left| left.min(inbox.len()));
                    *left -= here as u64;
                    if *left == 0 {
                        self.framing = Framing::Over;
                    }
                    return Poll::Ready(Ok(Some(Frame::data(inbox.split_to(here).freeze()))));
                }
                Framing::UntilClose if !inbox.is_empty() => {
                    return Poll::Ready(Ok(Some(Frame::data(inbox.split().freeze()))));
                }
                Framing::Chunked(chunks) => match chunks.step(inbox)? {
                    Step::Data(data) => {
                        if chunks.ends(inbox) {
                            self.framing = Framing::Over;
                        }
                        return Poll::Ready(Ok(Some(Frame::data(data))));
                    }
                    Step::Trailers(trailers) => {
                        self.framing = Framing::Over;
                        return Poll::Ready(Ok(Some(Frame::trailers(trailers))));
                    }
                    Step::End => {
                        self.framing = Framing::Over;
                        return Poll::Ready(Ok(None));
                    }
                    Step::More => {}
                },
                Framing::Length(_) | Framing::UntilClose => {}
            }
            match ready!(self.link.poll_fill(cx)) {
                Ok(0) if matches!(self.framing, Framing::UntilClose) => self.framing = Framing::Over,
                Ok(0) | Err(_) => return Poll::Ready(Err(Trouble::Broke)),
                Ok(_) => {}
            }
        }
    }
}

/// `100 Continue` and its like: the gate has asked for none, and its client has had its own.
fn is_interim(status: StatusCode) -> bool {
    status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS
}

fn go_on(mut rest: Box<Rest>, stream: Option<OwnedWriteHalf>) {
    let Some(mut stream) = stream else { return };
    tokio::task::spawn_local(async move {
        // If it comes to nothing the response says so, or is what there is to say.
        let _ = std::future::poll_fn(|cx| rest.poll(&mut stream, cx)).await;
    });
}

impl Body for Exchange {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        let frame = ready!(this.poll_data(cx));
        Poll::Ready(frame.map_err(|trouble| io::Error::other(trouble.to_string())).transpose())
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.framing, Framing::Over)
    }

    fn size_hint(&self) -> SizeHint {
        match self.framing {
            Framing::Over => SizeHint::with_exact(0),
            Framing::Length(left) => SizeHint::with_exact(left),
            Framing::Chunked(_) | Framing::UntilClose => SizeHint::default(),
        }
    }
}
