//! A connection that has agreed to speak something else (a WebSocket, say): bytes both ways until one side is done.

use bytes::{Bytes, BytesMut};
use hyper::Response;
use hyper::header::{CONNECTION, HeaderValue, UPGRADE};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

use super::Flow;
use super::charge::Charge;
use super::failure::Failure;
use crate::pool::Arriving;
use crate::upstream::InFlight;

/// Joins the client's side and the upstream's, and gives the response that tells the client to go ahead. What is `held` is held until
/// one side is done.
pub(super) fn open(client: OnUpgrade, response: Response<Arriving>, held: (InFlight, Charge)) -> Response<Flow> {
    let (parts, body) = response.into_parts();
    let Arriving::Own(exchange, _) = body else { return Failure::Broke.answer() };
    let protocol = exchange.protocol().cloned();
    let Some((upstream, said)) = exchange.into_tunnel() else { return Failure::Broke.answer() };
    tokio::task::spawn_local(async move {
        let _until_closed = held;
        if let Ok(client) = client.await {
            // However it ends, both sides are closed; there is nobody left to tell.
            let _ = join(TokioIo::new(client), upstream, said).await;
        }
    });
    let mut response = Response::from_parts(parts, Flow::own(Bytes::new()));
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("upgrade"));
    if let Some(protocol) = protocol {
        response.headers_mut().insert(UPGRADE, protocol);
    }
    response
}

/// `said` is what the upstream has said already.
async fn join(
    mut client: TokioIo<hyper::upgrade::Upgraded>,
    mut upstream: TcpStream,
    said: BytesMut,
) -> std::io::Result<()> {
    client.write_all(&said).await?;
    client.flush().await?;
    copy_bidirectional(&mut client, &mut upstream).await.map(|_| ())
}
