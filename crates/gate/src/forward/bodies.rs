//! Bodies on their way: to the upstream, with a mark of how lately they moved, and to the client, with what is due when they end.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::HeaderMap;

use super::charge::Charge;
use crate::access_log::Entry;
use crate::pool::Arriving;
use crate::upstream::InFlight;

/// A request's body on its way to the upstream.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// In memory; empty for most requests.
    Whole(Bytes),
    /// Read from the client as the upstream takes it.
    Streaming(Incoming, Progress),
}

/// How a streaming body moves. An upload that takes an hour is not a time-out of an hour, and one whose client has gone silent is
/// not the upstream's fault.
#[derive(Clone, Debug)]
pub(crate) struct Progress(Rc<Cell<Moved>>);

#[derive(Clone, Copy, Debug)]
pub(super) struct Moved {
    /// When a piece last came, or the upstream last asked for one.
    pub(super) last: Instant,
    /// Whether the upstream has taken everything that the client sent, and the client has not sent all.
    pub(super) client_is_due: bool,
}

impl Progress {
    fn new() -> Self {
        Progress(Rc::new(Cell::new(Moved { last: Instant::now(), client_is_due: false })))
    }

    pub(super) fn moved(&self) -> Moved {
        self.0.get()
    }

    fn asked(&self) {
        let before = self.0.get();
        if !before.client_is_due {
            self.0.set(Moved { last: Instant::now(), client_is_due: true });
        }
    }

    fn came(&self) {
        self.0.set(Moved { last: Instant::now(), client_is_due: false });
    }
}

impl Outgoing {
    pub(super) fn whole(body: Bytes) -> Self {
        Outgoing::Whole(body)
    }

    pub(super) fn streaming(body: Incoming) -> Self {
        Outgoing::Streaming(body, Progress::new())
    }

    pub(super) fn progress(&self) -> Option<Progress> {
        match self {
            Outgoing::Whole(_) => None,
            Outgoing::Streaming(_, progress) => Some(progress.clone()),
        }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self.get_mut() {
            Outgoing::Whole(body) if body.is_empty() => Poll::Ready(None),
            Outgoing::Whole(body) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(body))))),
            Outgoing::Streaming(body, progress) => {
                let frame = Pin::new(body).poll_frame(cx);
                if frame.is_ready() {
                    progress.came()
                } else {
                    progress.asked()
                }
                frame
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Outgoing::Whole(body) => body.is_empty(),
            Outgoing::Streaming(body, _) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Outgoing::Whole(body) => SizeHint::with_exact(body.len() as u64),
            Outgoing::Streaming(body, _) => body.size_hint(),
        }
    }
}

/// A response's body on its way to the client.
pub(crate) struct Flow {
    kind: Kind,
    /// The request's line in the access log, if there is one.
    entry: Option<Box<Entry>>,
}

enum Kind {
    /// The gate's own words.
    Own(Bytes),
    /// The upstream's, until its last byte.
    Upstream(Option<Box<Upstream>>),
}

/// A response on its way, and what is held until its end.
struct Upstream {
    body: Arriving,
    charge: Charge,
    _in_flight: InFlight,
}

impl Flow {
    pub(super) fn own(body: Bytes) -> Self {
        Flow { kind: Kind::Own(body), entry: None }
    }

    pub(super) fn new(body: Arriving, in_flight: InFlight, charge: Charge) -> Self {
        let over = body.is_end_stream();
        let upstream = Upstream { body, charge, _in_flight: in_flight };
        if over {
            upstream.ended(None);
            return Flow { kind: Kind::Upstream(None), entry: None };
        }
        Flow { kind: Kind::Upstream(Some(Box::new(upstream))), entry: None }
    }

    /// Has `entry` written when the body is over.
    pub(super) fn log(&mut self, entry: Box<Entry>) {
        self.entry = Some(entry);
    }
}

impl Upstream {
    fn ended(self, trailers: Option<&HeaderMap>) {
        let Upstream { body, mut charge, _in_flight } = self;
        charge.ended(trailers);
        body.park();
    }
}

impl Body for Flow {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let Flow { kind, entry } = self.get_mut();
        let frame = match kind {
            Kind::Own(body) if body.is_empty() => None,
            Kind::Own(body) => Some(Ok(Frame::data(std::mem::take(body)))),
            Kind::Upstream(place) => {
                let Some(upstream) = place else { return Poll::Ready(None) };
                let frame = ready!(Pin::new(&mut upstream.body).poll_frame(cx));
                match &frame {
                    Some(Err(_)) => {
                        upstream.charge.truncated();
                        *place = None;
                    }
                    Some(Ok(frame)) if !upstream.body.is_end_stream() && !frame.is_trailers() => {}
                    Some(Ok(_)) | None => {
                        if let Some(upstream) = place.take() {
                            upstream.ended(frame.as_ref().and_then(|frame| frame.as_ref().ok()?.trailers_ref()));
                        }
                    }
                }
                frame
            }
        };
        if let Some(entry) = entry
            && let Some(Ok(frame)) = &frame
        {
            entry.sent(frame.data_ref().map_or(0, Bytes::len));
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Own(body) => body.is_empty(),
            Kind::Upstream(upstream) => upstream.as_ref().is_none_or(|upstream| upstream.body.is_end_stream()),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Own(body) => SizeHint::with_exact(body.len() as u64),
            Kind::Upstream(upstream) => {
                upstream.as_ref().map_or_else(|| SizeHint::with_exact(0), |upstream| upstream.body.size_hint())
            }
        }
    }
}
