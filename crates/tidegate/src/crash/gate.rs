//! The gate as it tells itself, over its socket, and as users find it: at its door.

use super::site::{SERVICE, Site};
use crate::http::Ask;
use gate::wire::{ServiceStatus, Status};
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A gate that is frozen or starved does not answer; whoever looks must not be held up by it.
const PATIENCE: Duration = Duration::from_millis(500);

/// What it says of itself.
pub(super) async fn status(site: &Site) -> Option<Status> {
    ask(site, "/v1/status").await
}

/// The order in force.
pub(super) async fn service(site: &Site) -> Option<ServiceStatus> {
    ask(site, &format!("/v1/services/{SERVICE}")).await
}

/// Whether users can connect.
pub(super) async fn door_is_open(site: &Site) -> bool {
    matches!(timeout(PATIENCE, TcpStream::connect(site.people())).await, Ok(Ok(_)))
}

/// The process of one version, if it runs.
pub(super) fn pid_of(service: &ServiceStatus, version: &str) -> Option<u32> {
    service.versions.iter().find(|found| found.version == version)?.pid
}

/// How users are split, in a sentence.
pub(super) fn split(service: &ServiceStatus) -> String {
    match &service.canary {
        Some(canary) => {
            format!("{} % on {canary}, the rest on {}", f64::from(service.share_ppm) / 10_000.0, service.stable)
        }
        None => format!("everybody on {}", service.stable),
    }
}

async fn ask<T: DeserializeOwned>(site: &Site, path: &str) -> Option<T> {
    let answer = timeout(PATIENCE, site.gate().ask(Ask::get(path))).await.ok()?.ok()?;
    serde_json::from_value(answer.json()?).ok()
}
