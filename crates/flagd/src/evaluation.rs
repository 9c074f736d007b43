//! `flagd.evaluation.v1` and `v2`: an answer at a time, and a stream that says when answers may have changed.

mod answer;
pub(crate) mod events;

use crate::context::Given;
use crate::feed::feed;
use crate::stopping::Stopping;
use crate::wire::evaluation::{EventStreamRequest, ResolveAllRequest, ResolveRequest};
use crate::{Caller, Published, Wants, wire};
use answer::Asked;
use hyper::{Request, Response};
use tonic::Status;
use tonic::body::Body;

pub(crate) const V1: &str = "flagd.evaluation.v1.Service";
pub(crate) const V2: &str = "flagd.evaluation.v2.Service";

/// A context larger than this describes no user. flagd draws the line in the same place.
const MOST_REQUEST: usize = 1_000_000;

/// Which of the two the caller speaks. They differ in what they can say of a flag that has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

impl Version {
    pub(crate) fn of(service: &str) -> Option<Self> {
        match service {
            V1 => Some(Self::V1),
            V2 => Some(Self::V2),
            _ => None,
        }
    }
}

/// Answers a call of the service. Who may not have an answer is turned away before the request is read.
pub(crate) async fn serve(
    published: &dyn Published,
    stopping: Stopping,
    version: Version,
    method: &str,
    request: Request<Body>,
) -> Result<Response<Body>, Status> {
    let (head, body) = request.into_parts();
    let caller = Caller::of(&head.headers)?;
    match (method, version) {
        ("EventStream", Version::V1 | Version::V2) => {
            let subscription = published.subscribe(&caller, Wants::Evaluate)?;
            let EventStreamRequest {} = wire::read(body, MOST_REQUEST).await?;
            Ok(wire::stream(feed(events::Events, subscription, stopping)))
        }
        ("ResolveAll", Version::V1) => {
            let edition = published.current(&caller, Wants::Evaluate)?;
            let ResolveAllRequest { context } = wire::read(body, MOST_REQUEST).await?;
            Ok(wire::once(Ok(answer::all(&edition, &Given::of(context, edition.context())))))
        }
        _ => {
            let asked = Asked::of(method).ok_or_else(|| Status::unimplemented(""))?;
            let edition = published.current(&caller, Wants::Evaluate)?;
            let ResolveRequest { flag_key, context } = wire::read(body, MOST_REQUEST).await?;
            let given = Given::of(context, edition.context());
            Ok(wire::once(answer::one(&edition, version, asked, &flag_key, &given)))
        }
    }
}
