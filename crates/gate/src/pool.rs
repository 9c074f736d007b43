//! Connections to upstreams, kept by one worker for its own next requests. No other thread knows of them, so nothing waits.

mod shared;

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::forward::Outgoing;
use crate::wire::UpstreamProtocol;
use shared::{Shared, Stream};

/// Most connections kept idle per upstream and worker.
const MOST_IDLE: usize = 512;
/// How long a connection is kept idle. Shorter than the keep-alive of common servers.
const LONGEST_IDLE: Duration = Duration::from_secs(30);
/// How many of the newest idle connections are looked at: one whose last response is still being finished is not ready.
const LOOKED_AT: usize = 4;

#[derive(Debug, Default)]
pub(crate) struct Pool {
    idle: RefCell<HashMap<u64, Vec<Idle>>>,
    shared: Shared,
}

#[derive(Debug)]
struct Idle {
    connection: Own,
    since: Instant,
}

/// The way of one request to its upstream, until its response's last byte.
#[derive(Debug)]
pub(crate) struct Connection(Way);

#[derive(Debug)]
enum Way {
    Own(Own),
    Shared(Stream),
}

/// A connection that carries one request at a time (HTTP/1.1).
#[derive(Debug)]
struct Own {
    sender: SendRequest<Outgoing>,
    upstream: u64,
    address: SocketAddr,
    pool: Weak<Pool>,
}

/// A request that got no response.
pub(crate) struct Unanswered {
    pub(crate) error: hyper::Error,
    /// The request, if none of it was sent.
    pub(crate) request: Option<Request<Outgoing>>,
}

impl Pool {
    /// A connection to `address` that is there already.
    pub(crate) fn take(&self, upstream: u64, address: SocketAddr, protocol: UpstreamProtocol) -> Option<Connection> {
        let way = match protocol {
            UpstreamProtocol::Http1 => Way::Own(self.take_own(upstream, address)?),
            UpstreamProtocol::H2c => Way::Shared(self.shared.take(upstream, address)?),
        };
        Some(Connection(way))
    }

    /// An idle connection, the most recently used first: the others may grow old and go.
    fn take_own(&self, upstream: u64, address: SocketAddr) -> Option<Own> {
        let mut idle = self.idle.borrow_mut();
        let idle = idle.get_mut(&upstream)?;
        idle.retain_recent(address);
        let newest = idle.len().saturating_sub(LOOKED_AT)..idle.len();
        let ready = newest.rev().find(|&at| {
            let connection = &idle[at].connection;
            connection.address == address && connection.sender.is_ready()
        })?;
        Some(idle.remove(ready).connection)
    }

    /// Drops connections that were idle for too long, and those to upstreams that nobody uses any more.
    pub(crate) fn sweep(&self) {
        self.idle.borrow_mut().retain(|_, idle| {
            idle.retain(|one| one.since.elapsed() < LONGEST_IDLE && !one.connection.sender.is_closed());
            !idle.is_empty()
        });
        self.shared.sweep();
    }
}

trait RetainRecent {
    fn retain_recent(&mut self, address: SocketAddr);
}

impl RetainRecent for Vec<Idle> {
    /// Drops from the end what is closed, or leads to where the upstream was before it moved.
    fn retain_recent(&mut self, address: SocketAddr) {
        while self.last().is_some_and(|one| one.connection.sender.is_closed() || one.connection.address != address) {
            self.pop();
        }
    }
}

impl Connection {
    pub(crate) async fn open(
        pool: &Rc<Pool>,
        upstream: u64,
        address: SocketAddr,
        protocol: UpstreamProtocol,
    ) -> io::Result<Connection> {
        let way = match protocol {
            UpstreamProtocol::Http1 => Way::Own(Own::open(pool, upstream, address).await?),
            UpstreamProtocol::H2c => Way::Shared(pool.shared.open(upstream, address).await?),
        };
        Ok(Connection(way))
    }

    pub(crate) async fn send(&mut self, request: Request<Outgoing>) -> Result<Response<Incoming>, Unanswered> {
        let unanswered = |mut failed: TrySendError<Request<Outgoing>>| {
            let request = failed.take_message();
            Unanswered { error: failed.into_error(), request }
        };
        match &mut self.0 {
            Way::Own(own) => own.sender.try_send_request(request).await.map_err(unanswered),
            Way::Shared(stream) => {
                let answered = stream.sender.try_send_request(request).await.map_err(unanswered);
                if answered.as_ref().is_err_and(|failed| failed.request.is_some()) {
                    stream.spend();
                }
                answered
            }
        }
    }

    /// Whether the connection as a whole has ended, and not only the request that was on it.
    pub(crate) fn has_ended(&self) -> bool {
        match &self.0 {
            // It carries nothing else: a request that fails on it takes it along.
            Way::Own(_) => true,
            Way::Shared(stream) => stream.is_over(),
        }
    }

    /// Gives the connection back for the next request.
    pub(crate) fn park(self) {
        match self.0 {
            Way::Own(own) => own.park(),
            // Its place is free as soon as it is dropped.
            Way::Shared(stream) => drop(stream),
        }
    }
}

impl Own {
    async fn open(pool: &Rc<Pool>, upstream: u64, address: SocketAddr) -> io::Result<Own> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        tokio::task::spawn_local(async move {
            // The request that was on it learns of the failure by itself.
            if let Err(error) = connection.with_upgrades().await {
                tracing::debug!(%address, %error, "a connection to an upstream ended");
            }
        });
        Ok(Own { sender, upstream, address, pool: Rc::downgrade(pool) })
    }

    fn park(self) {
        let Some(pool) = self.pool.upgrade() else { return };
        if self.sender.is_closed() {
            return;
        }
        let mut idle = pool.idle.borrow_mut();
        let idle = idle.entry(self.upstream).or_default();
        if idle.len() < MOST_IDLE {
            idle.push(Idle { connection: self, since: Instant::now() });
        }
    }
}
