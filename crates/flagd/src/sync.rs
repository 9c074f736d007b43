//! `flagd.sync.v1`: whole documents, for clients that evaluate by themselves.

use crate::feed::{Told, feed};
use crate::stopping::Stopping;
use crate::wire::sync::FlagsRequest;
use crate::{Caller, Edition, Published, Wants, wire};
use bytes::Bytes;
use hyper::{HeaderMap, Request, Response};
use std::time::Duration;
use tonic::Status;
use tonic::body::Body;

pub(crate) const SERVICE: &str = "flagd.sync.v1.FlagSyncService";

/// Two short texts; whoever sends more does not want flags.
const MOST_REQUEST: usize = 16 * 1024;

/// Answers a call of the service, or says that there is no such method: none other is older than `sync_context`.
///
/// `GetMetadata` is among those that there are not. Deprecated, it has one answer that no client trips over, and that is it.
pub(crate) async fn serve(
    published: &dyn Published,
    stopping: Stopping,
    method: &str,
    request: Request<Body>,
) -> Result<Response<Body>, Status> {
    let (head, body) = request.into_parts();
    match method {
        "SyncFlags" => sync(published, stopping, &head.headers, body).await,
        "FetchAllFlags" => fetch(published, &head.headers, body).await.map(|frame| wire::once(Ok(frame))),
        _ => Err(Status::unimplemented("")),
    }
}

async fn sync(
    published: &dyn Published,
    stopping: Stopping,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response<Body>, Status> {
    let FlagsRequest { provider_id, selector } = wire::read(body, MOST_REQUEST).await?;
    let caller = Caller::with_body(headers, &provider_id, &selector)?;
    let subscription = published.subscribe(&caller, Wants::Sync)?;
    Ok(wire::stream(feed(Documents, subscription, stopping)))
}

async fn fetch(published: &dyn Published, headers: &HeaderMap, body: Body) -> Result<Bytes, Status> {
    let FlagsRequest { provider_id, selector } = wire::read(body, MOST_REQUEST).await?;
    let caller = Caller::with_body(headers, &provider_id, &selector)?;
    Ok(published.current(&caller, Wants::Sync)?.fetched())
}

/// The whole document each time; clients replace what they have.
struct Documents;

impl Told for Documents {
    fn welcome(&self, now: &Edition) -> Bytes {
        now.synced()
    }

    fn change(&self, before: &Edition, now: &Edition) -> Option<Bytes> {
        let news = now.synced();
        // A change that does not touch what this channel's clients see is none.
        (news != before.synced()).then_some(news)
    }

    fn farewell(&self) -> Option<Bytes> {
        None
    }

    fn idle(&self) -> Option<(Duration, Bytes)> {
        None
    }
}
