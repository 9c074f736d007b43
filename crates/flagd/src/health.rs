//! `grpc.health.v1`: that a listener is there. It is open, as `/healthz` is, and as little is to be learned from it.

use crate::stopping::Stopping;
use crate::wire;
use crate::wire::health::{HealthCheckRequest, HealthCheckResponse, SERVING};
use futures_util::{StreamExt, stream};
use hyper::{Request, Response};
use tonic::Status;
use tonic::body::Body;

pub(crate) const SERVICE: &str = "grpc.health.v1.Health";

const MOST_REQUEST: usize = 1024;

/// Answers a call of the service on a listener that serves `services`.
pub(crate) async fn serve(
    services: &[&str],
    mut stopping: Stopping,
    method: &str,
    request: Request<Body>,
) -> Result<Response<Body>, Status> {
    let HealthCheckRequest { service } = wire::read(request.into_body(), MOST_REQUEST).await?;
    if !service.is_empty() && !services.contains(&service.as_str()) {
        return Err(Status::not_found(""));
    }
    let serving = wire::frame(&HealthCheckResponse { status: SERVING });
    match method {
        "Check" => Ok(wire::once(Ok(serving))),
        "Watch" => {
            let until_stopped = stream::once(async move {
                stopping.come().await;
                Err(Status::unavailable("the server stops"))
            });
            Ok(wire::stream(stream::iter([Ok(serving)]).chain(until_stopped)))
        }
        _ => Err(Status::unimplemented("")),
    }
}
