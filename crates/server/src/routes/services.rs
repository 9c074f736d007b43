//! The services: those that the policy names, and those that a release was ever opened for.

use crate::app::{App, PolicyUnreadable};
use crate::dto;
use crate::failure::Failure;
use axum::Json;
use axum::extract::State;
use control::{Live, ServiceKey};
use policy::Policy;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Every service in every channel, with what users have there.
#[utoipa::path(get, path = "/v1/services", operation_id = "list_services", tag = "releases", responses((status = 200, description = "The services. A policy that cannot be read is told, and hides no service that was ever released.", body = dto::Services)))]
pub(super) async fn services(State(app): State<App>) -> Result<Json<dto::Services>, Failure> {
    let policy = read_policy(&app).await?;
    let lives = app.control().list();
    let mut keys: BTreeMap<ServiceKey, bool> = lives.iter().map(|live| (key_of(live), false)).collect();
    if let Ok((policy, _)) = &policy {
        for service in policy.service_names() {
            for channel in policy.channels().keys() {
                keys.insert(ServiceKey { service: service.to_string(), channel: channel.clone() }, true);
            }
        }
    }
    let services = keys.into_iter().map(|(key, in_policy)| service(&app, &lives, key, in_policy)).collect();
    let policy = match policy {
        Ok((policy, _)) => dto::PolicyState {
            digest: Some(policy.digest().to_string()),
            types: policy.types().keys().cloned().collect(),
            problem: None,
        },
        Err(unreadable) => dto::PolicyState {
            digest: None,
            types: Vec::new(),
            problem: Some(Failure::from(unreadable).into_problem()),
        },
    };
    Ok(Json(dto::Services { services, policy }))
}

/// Reads the policy where reading may wait for a disk.
pub(super) async fn read_policy(app: &App) -> Result<Result<(Policy, PathBuf), PolicyUnreadable>, Failure> {
    let source = app.policy();
    tokio::task::spawn_blocking(move || source.read())
        .await
        .map_err(|error| Failure::defect("the policy could not be read", &error))
}

fn service(app: &App, lives: &[Arc<Live>], key: ServiceKey, in_policy: bool) -> dto::ServiceInChannel {
    let under_way = lives.iter().rev().find(|live| !live.state.is_over() && key_of(live) == key);
    dto::ServiceInChannel {
        in_policy,
        live: app.control().live_version(&key).map(|live| dto::LiveVersion {
            version: live.installed.version,
            artifact: live.installed.artifact,
            release: live.release.to_string(),
            since_ms: live.since.0,
        }),
        under_way: under_way.map(|live| live.id.to_string()),
        service: key.service,
        channel: key.channel,
    }
}

fn key_of(live: &Live) -> ServiceKey {
    ServiceKey { service: live.state.opened.service.clone(), channel: live.state.opened.channel.clone() }
}
