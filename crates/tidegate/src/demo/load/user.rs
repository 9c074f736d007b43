//! One connection to the gate, over which one person after the other asks.

use super::tally::{Answer, Fate};
use crate::demo::gate_view::now_ms;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, COOKIE, HOST};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// People leave after this time.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection that is made again when it is gone.
#[derive(Debug)]
pub(crate) struct Connection {
    address: SocketAddr,
    sender: Option<SendRequest<Empty<Bytes>>>,
}

impl Connection {
    /// A connection that is not made yet.
    #[must_use]
    pub(crate) const fn new(address: SocketAddr) -> Self {
        Self { address, sender: None }
    }

    /// One person asks.
    pub(crate) async fn ask(&mut self, person: u64) -> Answer {
        let sent_ms = now_ms();
        let unanswered = |why: String| Answer { version: None, sent_ms, fate: Fate::Unanswered(why) };
        match timeout(PATIENCE, self.exchange(person)).await {
            Ok(Ok((version, fate))) => Answer { version, sent_ms, fate },
            Ok(Err(why)) => {
                self.sender = None;
                unanswered(why)
            }
            Err(_) => {
                self.sender = None;
                unanswered(format!("no answer within {} s", PATIENCE.as_secs()))
            }
        }
    }

    async fn exchange(&mut self, person: u64) -> Result<(Option<String>, Fate), String> {
        let request = Request::get("/")
            .header(HOST, "shop.example")
            .header(COOKIE, format!("uid=person-{person}"))
            .body(Empty::new())
            .map_err(|error| error.to_string())?;
        let response = self.sender().await?.send_request(request).await.map_err(|error| error.to_string())?;
        let version = header(&response, "x-tidegate-version");
        let by_gate = header(&response, CONTENT_TYPE.as_str()).is_some_and(|media| media.contains("problem"));
        let status = response.status().as_u16();
        response.into_body().collect().await.map_err(|error| format!("the answer broke off: {error}"))?;
        let fate = match status {
            200..=299 => Fate::Fine,
            _ if by_gate => Fate::FailedByGate(status),
            _ => Fate::FailedByVersion(status),
        };
        Ok((version, fate))
    }

    /// The connection, made anew when the other side closed it while nobody was asking.
    async fn sender(&mut self) -> Result<&mut SendRequest<Empty<Bytes>>, String> {
        let usable = match &mut self.sender {
            Some(sender) => sender.ready().await.is_ok(),
            None => false,
        };
        if !usable {
            self.sender = Some(self.connect().await?);
        }
        self.sender.as_mut().ok_or_else(|| "not connected".to_owned())
    }

    async fn connect(&self) -> Result<SendRequest<Empty<Bytes>>, String> {
        let stream = TcpStream::connect(self.address).await.map_err(|error| format!("not connected: {error}"))?;
        let _slower = stream.set_nodelay(true);
        let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
        tokio::spawn(async move { connection.await.ok() });
        Ok(sender)
    }
}

fn header<B>(response: &Response<B>, name: &str) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
}
