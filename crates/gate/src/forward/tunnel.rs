//! A connection that has agreed to speak something else (a WebSocket, say): bytes both ways until one side is done.

use bytes::Bytes;
use hyper::Response;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderValue, UPGRADE};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;

use super::charge::Charge;
use super::{Flow, headers};
use crate::upstream::InFlight;

/// Joins the client's side and the upstream's, and gives the response that tells the client to go ahead. What is `held` is held until
/// one side is done.
pub(super) fn open(client: OnUpgrade, mut response: Response<Incoming>, held: (InFlight, Charge)) -> Response<Flow> {
    let upstream = hyper::upgrade::on(&mut response);
    tokio::task::spawn_local(async move {
        let _until_closed = held;
        if let (Ok(client), Ok(upstream)) = (client.await, upstream.await) {
            // However it ends, both sides are closed; there is nobody left to tell.
            let _ = copy_bidirectional(&mut TokioIo::new(client), &mut TokioIo::new(upstream)).await;
        }
    });
    let protocol = response.headers().get(UPGRADE).cloned();
    headers::from_upstream(response.headers_mut());
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("upgrade"));
    if let Some(protocol) = protocol {
        response.headers_mut().insert(UPGRADE, protocol);
    }
    response.map(|_| Flow::own(Bytes::new()))
}
