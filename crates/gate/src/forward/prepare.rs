//! From the client's request to the one that is sent, and sent again if it may be.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::http::request::Parts;
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request};
use tokio::time::timeout;

use super::bodies::Outgoing;
use super::failure::Failure;
use super::headers;
use super::peer::Peer;

/// The largest body that is kept so that it can be sent again, in bytes.
const KEPT_BODY: u64 = 64 * 1024;

pub(super) struct Prepared {
    pub(super) outbound: Outbound,
    /// Whether sending it twice does no more than sending it once (RFC 9110, section 9.2.2).
    pub(super) idempotent: bool,
    /// The client's side of a connection that is to speak something else.
    pub(super) upgrade: Option<OnUpgrade>,
}

/// A request to an upstream. It lends its head, so that it is still there when it has to be sent again.
pub(super) struct Outbound {
    pub(super) parts: Parts,
    body: Payload,
}

enum Payload {
    /// In memory, and sent as often as it takes.
    Kept(Bytes),
    /// Small enough to be kept, and still to be read.
    ToKeep(Incoming),
    /// Comes from the client, who does not say it twice.
    Once(Option<Outgoing>),
}

impl Outbound {
    /// Reads the body if it is to be kept. Its client may make the gate wait for `patience` between two pieces.
    pub(super) async fn keep(&mut self, patience: Duration) -> Result<(), Failure> {
        if let Payload::ToKeep(body) = &mut self.body {
            self.body = Payload::Kept(Box::pin(read(body, patience)).await?);
        }
        Ok(())
    }

    /// The body. None if it was given away.
    pub(super) fn body(&mut self) -> Option<Outgoing> {
        match &mut self.body {
            Payload::Kept(body) => Some(Outgoing::whole(body.clone())),
            Payload::ToKeep(_) => None,
            Payload::Once(body) => body.take(),
        }
    }

    /// Takes back a body of which nothing was sent.
    pub(super) fn restore(&mut self, body: Option<Outgoing>) {
        if let Payload::Once(place @ None) = &mut self.body {
            *place = body;
        }
    }

    /// Whether the body is still there.
    pub(super) fn is_whole(&self) -> bool {
        match &self.body {
            Payload::Kept(_) => true,
            Payload::ToKeep(_) => false,
            Payload::Once(body) => body.is_some(),
        }
    }
}

/// Makes `request` ready to be sent, but for its body.
pub(super) fn prepare(mut request: Request<Incoming>, peer: &Peer) -> Result<Prepared, Failure> {
    if request.method() == Method::CONNECT {
        return Err(Failure::NoTunnels);
    }
    let upgrade = hyper::upgrade::on(&mut request);
    let (mut parts, body) = request.into_parts();
    let upgrades = headers::to_upstream(&mut parts, peer)?;
    let idempotent = is_idempotent(&parts.method);
    let body = if body.is_end_stream() {
        Payload::Kept(Bytes::new())
    } else if idempotent && body.size_hint().exact().is_some_and(|length| length <= KEPT_BODY) {
        Payload::ToKeep(body)
    } else {
        Payload::Once(Some(Outgoing::streaming(body)))
    };
    Ok(Prepared { outbound: Outbound { parts, body }, idempotent, upgrade: upgrades.then_some(upgrade) })
}

/// Reads a body of a known, small length.
async fn read(body: &mut Incoming, patience: Duration) -> Result<Bytes, Failure> {
    let mut bytes = BytesMut::new();
    while let Some(frame) = timeout(patience, body.frame()).await.map_err(|_| Failure::ClientStalled)? {
        if let Ok(data) = frame.map_err(|_| Failure::ClientBroke)?.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes.freeze())
}

fn is_idempotent(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::OPTIONS, Method::TRACE].contains(method)
}
