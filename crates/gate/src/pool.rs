//! Connections to upstreams, kept by one worker for its own next requests. Nothing here is shared, so nothing waits.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::forward::Outgoing;

/// Most connections kept idle per upstream and worker.
const MOST_IDLE: usize = 512;
/// How long a connection is kept idle. Shorter than the keep-alive of common servers.
const LONGEST_IDLE: Duration = Duration::from_secs(30);
/// How many of the newest idle connections are looked at: one whose last response is still being finished is not ready.
const LOOKED_AT: usize = 4;

#[derive(Debug, Default)]
pub(crate) struct Pool {
    idle: RefCell<HashMap<u64, Vec<Idle>>>,
}

#[derive(Debug)]
struct Idle {
    connection: Connection,
    since: Instant,
}

/// One connection that is being used.
#[derive(Debug)]
pub(crate) struct Connection {
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
    /// An idle connection to `address`, the most recently used first: the others may grow old and go.
    pub(crate) fn take(&self, upstream: u64, address: SocketAddr) -> Option<Connection> {
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
    pub(crate) async fn open(pool: &Rc<Pool>, upstream: u64, address: SocketAddr) -> io::Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        tokio::task::spawn_local(async move {
            // The request that was on it learns of the failure by itself.
            if let Err(error) = connection.with_upgrades().await {
                tracing::debug!(%address, %error, "a connection to an upstream ended");
            }
        });
        Ok(Connection { sender, upstream, address, pool: Rc::downgrade(pool) })
    }

    pub(crate) fn send(
        &mut self,
        request: Request<Outgoing>,
    ) -> impl Future<Output = Result<Response<Incoming>, Unanswered>> + use<> {
        let sending = self.sender.try_send_request(request);
        async move {
            sending.await.map_err(|mut failed| {
                let request = failed.take_message();
                Unanswered { error: failed.into_error(), request }
            })
        }
    }

    /// Gives the connection back for the next request.
    pub(crate) fn park(self) {
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
