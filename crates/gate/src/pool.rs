//! Connections to upstreams, kept by one worker for its own next requests. No other thread knows of them, so nothing waits.

mod shared;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use crate::http1::{Exchange, Link};
use crate::wire::UpstreamProtocol;
use shared::Shared;
pub(crate) use shared::Stream;

/// Most connections kept idle per upstream and worker.
const MOST_IDLE: usize = 512;
/// How long a connection is kept idle. Shorter than the keep-alive of common servers.
const LONGEST_IDLE: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
pub(crate) struct Pool {
    idle: RefCell<BTreeMap<u64, Vec<Idle>>>,
    shared: Shared,
}

#[derive(Debug)]
struct Idle {
    link: Link,
    address: SocketAddr,
    since: Instant,
}

/// The way of one request to its upstream.
#[derive(Debug)]
pub(crate) enum Connection {
    /// One that carries one request at a time (HTTP/1.1).
    Own(Link, Home),
    /// A place on one that carries many (HTTP/2).
    Shared(Stream),
}

/// Where a connection waits for its next request.
#[derive(Debug)]
pub(crate) struct Home {
    upstream: u64,
    address: SocketAddr,
    pool: Weak<Pool>,
}

/// The body of a response, and the connection that brings it.
#[derive(Debug)]
pub(crate) enum Arriving {
    Own(Exchange, Home),
    Shared(Incoming, Stream),
}

impl Pool {
    /// A connection to `address` that is there already.
    pub(crate) fn take(
        self: &Rc<Self>,
        upstream: u64,
        address: SocketAddr,
        protocol: UpstreamProtocol,
    ) -> Option<Connection> {
        Some(match protocol {
            UpstreamProtocol::Http1 => Connection::Own(self.take_own(upstream, address)?, self.home(upstream, address)),
            UpstreamProtocol::H2c => Connection::Shared(self.shared.take(upstream, address)?),
        })
    }

    /// A new connection to `address`.
    pub(crate) async fn open(
        self: &Rc<Self>,
        upstream: u64,
        address: SocketAddr,
        protocol: UpstreamProtocol,
    ) -> io::Result<Connection> {
        Ok(match protocol {
            UpstreamProtocol::Http1 => Connection::Own(Link::open(address).await?, self.home(upstream, address)),
            UpstreamProtocol::H2c => Connection::Shared(self.shared.open(upstream, address).await?),
        })
    }

    /// Drops connections that were idle for too long, those that ended, and those to upstreams that nobody uses any more.
    pub(crate) fn sweep(&self) {
        self.idle.borrow_mut().retain(|_, idle| {
            idle.retain(|one| one.since.elapsed() < LONGEST_IDLE && one.link.is_ready());
            !idle.is_empty()
        });
        self.shared.sweep();
    }

    /// An idle connection, the most recently used first: the others may grow old and go. On the way to it, what has ended or leads to
    /// where the upstream was before it moved is dropped.
    fn take_own(&self, upstream: u64, address: SocketAddr) -> Option<Link> {
        let mut idle = self.idle.borrow_mut();
        let idle = idle.get_mut(&upstream)?;
        loop {
            let Idle { link, address: leads_to, .. } = idle.pop()?;
            if leads_to == address && link.is_ready() {
                return Some(link);
            }
        }
    }

    fn home(self: &Rc<Self>, upstream: u64, address: SocketAddr) -> Home {
        Home { upstream, address, pool: Rc::downgrade(self) }
    }
}

impl Home {
    fn park(self, link: Link) {
        let Some(pool) = self.pool.upgrade() else { return };
        let mut idle = pool.idle.borrow_mut();
        let idle = idle.entry(self.upstream).or_default();
        if idle.len() < MOST_IDLE {
            idle.push(Idle { link, address: self.address, since: Instant::now() });
        }
    }
}

impl Arriving {
    /// Gives the connection back for the next request, if it can carry one.
    pub(crate) fn park(self) {
        match self {
            Arriving::Own(exchange, home) => {
                if let Some(link) = exchange.finish() {
                    home.park(link);
                }
            }
            // Its place is free as soon as it is dropped.
            Arriving::Shared(body, stream) => drop((body, stream)),
        }
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match self.get_mut() {
            Arriving::Own(exchange, _) => Pin::new(exchange).poll_frame(cx),
            Arriving::Shared(body, _) => {
                Pin::new(body).poll_frame(cx).map(|frame| frame.map(|frame| frame.map_err(io::Error::other)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Arriving::Own(exchange, _) => exchange.is_end_stream(),
            Arriving::Shared(body, _) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Arriving::Own(exchange, _) => exchange.size_hint(),
            Arriving::Shared(body, _) => body.size_hint(),
        }
    }
}
