//! From the client's request to the one that is sent, and to the one that can be sent again.

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
    pub(super) request: Request<Outgoing>,
    /// How to send it again after it was, or may have been, sent.
    pub(super) replay: Option<Replay>,
    /// Whether sending it twice does no more than sending it once (RFC 9110, section 9.2.2).
    pub(super) idempotent: bool,
    /// The client's side of a connection that is to speak something else.
    pub(super) upgrade: Option<OnUpgrade>,
}

/// A request that can be sent again.
pub(super) struct Replay {
    head: Request<()>,
    body: Bytes,
}

impl Replay {
    pub(super) fn request(&self) -> Request<Outgoing> {
        self.head.clone().map(|()| Outgoing::whole(self.body.clone()))
    }
}

/// Makes `request` ready to be sent. Its client may make the gate wait for `patience` between two pieces of a kept body.
pub(super) async fn prepare(
    mut request: Request<Incoming>,
    peer: &Peer,
    patience: Duration,
) -> Result<Prepared, Failure> {
    if request.method() == Method::CONNECT {
        return Err(Failure::NoTunnels);
    }
    let upgrade = hyper::upgrade::on(&mut request);
    let (mut parts, body) = request.into_parts();
    let upgrades = headers::to_upstream(&mut parts, peer)?;
    let idempotent = is_idempotent(&parts.method);
    let (body, kept) = if body.is_end_stream() {
        (Outgoing::whole(Bytes::new()), idempotent.then(Bytes::new))
    } else if idempotent && body.size_hint().exact().is_some_and(|length| length <= KEPT_BODY) {
        let bytes = kept(body, patience).await?;
        (Outgoing::whole(bytes.clone()), Some(bytes))
    } else {
        (Outgoing::streaming(body), None)
    };
    let replay = kept.map(|body| Replay { head: head(&parts), body });
    Ok(Prepared { request: Request::from_parts(parts, body), replay, idempotent, upgrade: upgrades.then_some(upgrade) })
}

/// Reads a body of a known, small length.
async fn kept(mut body: Incoming, patience: Duration) -> Result<Bytes, Failure> {
    let mut bytes = BytesMut::new();
    while let Some(frame) = timeout(patience, body.frame()).await.map_err(|_| Failure::ClientStalled)? {
        if let Ok(data) = frame.map_err(|_| Failure::ClientBroke)?.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes.freeze())
}

fn head(parts: &Parts) -> Request<()> {
    let mut head = Request::new(());
    *head.method_mut() = parts.method.clone();
    *head.uri_mut() = parts.uri.clone();
    *head.version_mut() = parts.version;
    head.headers_mut().clone_from(&parts.headers);
    head
}

fn is_idempotent(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::OPTIONS, Method::TRACE].contains(method)
}
