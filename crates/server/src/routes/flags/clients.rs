//! Who is connected, and whether they have what was changed.

use crate::app::App;
use crate::auth::Caller;
use crate::dto;
use crate::failure::Failure;
use axum::Json;
use axum::extract::State;
use flags::access::{Action, Place, allowed};
use registry::{Client, Via};

/// The most clients that are listed one by one.
const LISTED: usize = 1_000;

/// The clients that are connected to channels that the token may see.
#[utoipa::path(get, path = "/v1/flag-clients", operation_id = "list_flag_clients", tag = "flags", responses((status = 200, description = "The clients.", body = dto::FlagClients)))]
pub(crate) async fn list(State(app): State<App>, caller: Caller) -> Result<Json<dto::FlagClients>, Failure> {
    let grants = caller.grants();
    let sees = |channel: &str| {
        grants.iter().any(|grant| {
            let kind = grant.kinds.as_ref().and_then(|kinds| kinds.first()).copied();
            allowed(std::slice::from_ref(grant), Action::View, Place { channel: Some(channel), kind })
        })
    };
    let mut clients = app.flags().clients().list();
    clients.retain(|client| sees(&client.channel));
    let mut channels = Vec::new();
    for channel in app.flags().channels().keys().filter(|channel| sees(channel)) {
        let edition = app.flags().watch(channel)?.borrow().revision;
        let here = clients.iter().filter(|client| client.channel == *channel);
        let current = here.clone().filter(|client| client.edition >= edition).count();
        channels.push(dto::FlagChannel { channel: channel.clone(), edition, clients: here.count(), current });
    }
    let count = clients.len();
    Ok(Json(dto::FlagClients { clients: clients.into_iter().take(LISTED).map(shown).collect(), count, channels }))
}

fn shown(client: Client) -> dto::FlagClient {
    let via = match client.via {
        Via::Events => "events",
        Via::Sync => "sync",
        Via::Evaluation => "evaluation",
    };
    dto::FlagClient {
        via: via.into(),
        channel: client.channel,
        token: client.token,
        agent: client.agent,
        since_ms: client.since_ms,
        edition: client.edition,
        told_at_ms: client.told_at_ms,
    }
}
