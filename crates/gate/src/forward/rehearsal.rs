//! The way of a request's head without a connection, for those who try hostile ones: it takes the steps of [`super::forward`] in
//! their order, and sends nothing.

use std::net::{IpAddr, SocketAddr};

use hyper::Request;
use hyper::http::request::Parts;

use super::peer::{Peer, Transport};
use super::{headers, marks};
use crate::sticky::Sticky;
use crate::wire::{DoorOrder, StickyRule, UpstreamProtocol};

/// What becomes of a request's head.
#[derive(Debug)]
pub struct Rehearsed {
    /// Where the user falls.
    pub user: u32,
    /// Whether the request itself said who its user is; otherwise a cookie is set.
    pub named: bool,
    /// The id that the response would bear.
    pub id: Option<String>,
    /// As an HTTP/1 upstream would get it; nothing if it is refused.
    pub http1: Option<Request<()>>,
    /// As an HTTP/2 upstream would get it; nothing if it is refused.
    pub http2: Option<Request<()>>,
}

/// Prepares `request`, sent by `client`, with every mark and every rule for users that there is.
#[must_use]
pub fn rehearse(mut request: Request<()>, client: IpAddr) -> Rehearsed {
    let rules = [StickyRule::Header("x-user".to_owned()), StickyRule::Cookie("uid".to_owned())];
    let door = DoorOrder { trace_context: true, ..DoorOrder::default() };
    let peer = Peer::new(client, SocketAddr::from(([127, 0, 0, 1], 8080)), Transport::Plain);
    let id = marks::put(request.headers_mut(), &door).and_then(|id| id.to_str().ok().map(str::to_owned));
    let (mut parts, ()) = request.into_parts();
    let is_accepted = headers::to_upstream(&mut parts, &peer).is_ok();
    let user = Sticky::new(&rules, "salt").user(&parts.headers, &peer.address);
    let accepted = is_accepted.then_some(parts);
    Rehearsed {
        user: user.hash,
        named: user.set_cookie.is_none(),
        id,
        http1: spoken(accepted.clone(), UpstreamProtocol::Http1),
        http2: spoken(accepted, UpstreamProtocol::H2c),
    }
}

fn spoken(parts: Option<Parts>, protocol: UpstreamProtocol) -> Option<Request<()>> {
    parts.and_then(|mut parts| headers::speak(&mut parts, protocol).is_ok().then(|| Request::from_parts(parts, ())))
}
