//! Bodies on their way: to the upstream, with a mark of how lately they moved, and to the client, with what is due when they end.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::charge::Charge;
use crate::pool::Connection;
use crate::upstream::InFlight;

/// A request's body on its way to the upstream.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// In memory; empty for most requests.
    Whole(Bytes),
    /// Read from the client as the upstream takes it.
    Streaming(Incoming, Progress),
}

/// When a streaming body last moved. An upload that takes an hour is not a time-out of an hour.
#[derive(Clone, Debug)]
pub(crate) struct Progress(Rc<Cell<Instant>>);

impl Progress {
    pub(super) fn last(&self) -> Instant {
        self.0.get()
    }
}

impl Outgoing {
    pub(super) fn whole(body: Bytes) -> Self {
        Outgoing::Whole(body)
    }

    pub(super) fn streaming(body: Incoming) -> Self {
        Outgoing::Streaming(body, Progress(Rc::new(Cell::new(Instant::now()))))
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
                let frame = ready!(Pin::new(body).poll_frame(cx));
                progress.0.set(Instant::now());
                Poll::Ready(frame)
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
pub(crate) struct Flow(Kind);

enum Kind {
    /// The gate's own words.
    Own(Bytes),
    /// The upstream's, and what is held until its last byte.
    Upstream(Incoming, Option<Held>),
}

struct Held {
    connection: Connection,
    charge: Charge,
    _in_flight: InFlight,
}

impl Flow {
    pub(super) fn own(body: Bytes) -> Self {
        Flow(Kind::Own(body))
    }

    pub(super) fn new(body: Incoming, connection: Connection, in_flight: InFlight, charge: Charge) -> Self {
        let held = Held { connection, charge, _in_flight: in_flight };
        if body.is_end_stream() {
            held.connection.park();
            return Flow(Kind::Upstream(body, None));
        }
        Flow(Kind::Upstream(body, Some(held)))
    }
}

impl Body for Flow {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.get_mut().0 {
            Kind::Own(body) if body.is_empty() => Poll::Ready(None),
            Kind::Own(body) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(body))))),
            Kind::Upstream(body, held) => {
                let frame = ready!(Pin::new(&mut *body).poll_frame(cx));
                match &frame {
                    Some(Err(_)) => {
                        if let Some(held) = held.take() {
                            held.charge.truncated();
                        }
                    }
                    Some(Ok(_)) if !body.is_end_stream() => {}
                    Some(Ok(_)) | None => {
                        if let Some(held) = held.take() {
                            held.connection.park();
                        }
                    }
                }
                Poll::Ready(frame)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Own(body) => body.is_empty(),
            Kind::Upstream(body, _) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Own(body) => SizeHint::with_exact(body.len() as u64),
            Kind::Upstream(body, _) => body.size_hint(),
        }
    }
}
