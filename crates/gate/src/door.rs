//! A listening address: bound once, served by every worker, closed as a whole.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::sync::{mpsc, watch};

use crate::error::GateError;
use crate::lane::Lane;
use crate::worker::{Opening, Worker};

/// Connections that wait to be accepted. The system's own limit applies as well.
const BACKLOG: i32 = 4_096;

#[derive(Debug)]
pub(crate) struct Door {
    address: SocketAddr,
    /// Kept while the workers have clones of it: after they gave theirs up connections still wait here for who comes next.
    listener: TcpListener,
    closing: watch::Sender<bool>,
    accepting: mpsc::Receiver<()>,
    connected: mpsc::Receiver<()>,
}

/// Binds `address`, without `SO_REUSEPORT`: with it a second gate would silently share the port instead of being refused.
pub(crate) fn bind(address: SocketAddr) -> Result<TcpListener, GateError> {
    let bound = || {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        // Connections of the gate before this one, in their last minute, must not keep the port from it.
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Ok(TcpListener::from(socket))
    };
    bound().map_err(|cause| GateError::Listen { address, cause })
}

impl Door {
    /// Has every worker serve `listener`.
    pub(crate) fn open(
        listener: &TcpListener,
        asked: SocketAddr,
        lane: &Arc<Lane>,
        workers: &[Worker],
    ) -> Result<Door, GateError> {
        let failed = |cause| GateError::Listen { address: asked, cause };
        let address = listener.local_addr().map_err(failed)?;
        let clones: Result<Vec<TcpListener>, _> = workers.iter().map(|_| listener.try_clone()).collect();
        let own = listener.try_clone().map_err(failed)?;
        let (closing, closed) = watch::channel(false);
        let (accepts, accepting) = mpsc::channel(1);
        let (connects, connected) = mpsc::channel(1);
        for (worker, listener) in workers.iter().zip(clones.map_err(failed)?) {
            let opening = Opening {
                lane: Arc::clone(lane),
                listener,
                closing: closed.clone(),
                accepting: accepts.clone(),
                connected: connects.clone(),
            };
            if !worker.open(opening) {
                tracing::error!(%address, "a worker is gone; the others serve");
            }
        }
        Ok(Door { address, listener: own, closing, accepting, connected })
    }

    /// Where it listens, with the port that the system chose if it was asked to.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting and lets every connection finish the request it is in. Returns when no worker listens any more; the port is
    /// free when the door is dropped.
    pub(crate) async fn close(&mut self) {
        self.closing.send_replace(true);
        // Nothing is ever sent: the channel ends when the last worker has dropped its side.
        while self.accepting.recv().await.is_some() {}
    }

    /// What it listens with.
    pub(crate) fn listener(&self) -> &TcpListener {
        &self.listener
    }

    /// Waits, after [`Door::close`], until the last connection is closed.
    pub(crate) async fn drained(&mut self) {
        while self.connected.recv().await.is_some() {}
    }
}
