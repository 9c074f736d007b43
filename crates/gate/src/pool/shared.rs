//! Connections that carry many requests at a time (HTTP/2), kept by one worker.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Instant;

use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Mutex;

use super::LONGEST_IDLE;
use crate::forward::Outgoing;
use crate::local::Local;

/// Most requests on one connection, however many its server would take: a connection that breaks takes all of them with it.
const MOST_STREAMS: usize = 100;
/// Most connections per upstream and worker. Beyond that requests wait for a place on the emptiest one.
const MOST_LINKS: usize = 8;

#[derive(Debug, Default)]
pub(super) struct Shared {
    upstreams: RefCell<HashMap<u64, Links>>,
}

#[derive(Debug, Default)]
struct Links {
    open: Vec<Rc<Link>>,
    /// Held while a connection is made: of all who find none, one makes it and the others find that one.
    making: Rc<Mutex<()>>,
}

#[derive(Debug)]
struct Link {
    sender: SendRequest<Outgoing>,
    address: SocketAddr,
    streams: Cell<usize>,
    /// The most streams that the server takes at a time.
    most: Rc<Cell<usize>>,
    /// No new requests: it refused one before its end was known.
    spent: Cell<bool>,
    idle_since: Cell<Instant>,
}

/// A place for one request.
#[derive(Debug)]
pub(crate) struct Stream {
    link: Rc<Link>,
    pub(crate) sender: SendRequest<Outgoing>,
}

impl Shared {
    /// A place on the emptiest connection to `address`. None if another connection would serve better.
    pub(super) fn take(&self, upstream: u64, address: SocketAddr) -> Option<Stream> {
        let mut upstreams = self.upstreams.borrow_mut();
        let links = &mut upstreams.get_mut(&upstream)?.open;
        links.retain(|link| link.serves(address));
        let emptiest = links.iter().min_by_key(|link| link.streams.get())?;
        let full = emptiest.streams.get() >= emptiest.most.get().min(MOST_STREAMS);
        (!full || links.len() >= MOST_LINKS).then(|| Stream::on(emptiest))
    }

    pub(super) async fn open(&self, upstream: u64, address: SocketAddr) -> io::Result<Stream> {
        let making = Rc::clone(&self.upstreams.borrow_mut().entry(upstream).or_default().making);
        let _until_made = making.lock().await;
        if let Some(stream) = self.take(upstream, address) {
            return Ok(stream);
        }
        let link = Link::open(address).await?;
        let stream = Stream::on(&link);
        self.upstreams.borrow_mut().entry(upstream).or_default().open.push(link);
        Ok(stream)
    }

    /// Drops what was idle for too long.
    pub(super) fn sweep(&self) {
        self.upstreams.borrow_mut().retain(|_, links| {
            links.open.retain(|link| {
                !link.is_over() && (link.streams.get() > 0 || link.idle_since.get().elapsed() < LONGEST_IDLE)
            });
            !links.open.is_empty() || Rc::strong_count(&links.making) > 1
        });
    }
}

impl Link {
    async fn open(address: SocketAddr) -> io::Result<Rc<Link>> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, mut connection) = http2::handshake(Local, TokioIo::new(stream)).await.map_err(io::Error::other)?;
        let most = Rc::new(Cell::new(MOST_STREAMS));
        let told = Rc::clone(&most);
        tokio::task::spawn_local(async move {
            let ended = poll_fn(|cx| {
                let polled = Pin::new(&mut connection).poll(cx);
                told.set(connection.current_max_send_streams().max(1));
                polled
            });
            // The requests that were on it learn of the failure by themselves.
            if let Err(error) = ended.await {
                tracing::debug!(%address, %error, "a connection to an upstream ended");
            }
        });
        let (streams, spent, idle_since) = (Cell::new(0), Cell::new(false), Cell::new(Instant::now()));
        Ok(Rc::new(Link { sender, address, streams, most, spent, idle_since }))
    }

    fn serves(&self, address: SocketAddr) -> bool {
        self.address == address && !self.is_over()
    }

    fn is_over(&self) -> bool {
        self.spent.get() || self.sender.is_closed()
    }
}

impl Stream {
    fn on(link: &Rc<Link>) -> Stream {
        link.streams.set(link.streams.get() + 1);
        Stream { link: Rc::clone(link), sender: link.sender.clone() }
    }

    /// Keeps new requests off the connection: it took one and gave it back unsent.
    pub(crate) fn spend(&self) {
        self.link.spent.set(true);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.link.is_over()
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.link.streams.set(self.link.streams.get() - 1);
        self.link.idle_since.set(Instant::now());
    }
}
