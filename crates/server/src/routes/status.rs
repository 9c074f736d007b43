//! How the server is.

use crate::app::App;
use crate::dto;
use crate::failure::Failure;
use crate::view;
use axum::Json;
use axum::extract::State;
use control::Leadership;

/// How the server is, and what is under way.
#[utoipa::path(get, path = "/v1/status", operation_id = "status", tag = "server", responses((status = 200, description = "The server.", body = dto::Status)))]
pub(super) async fn status(State(app): State<App>) -> Result<Json<dto::Status>, Failure> {
    let control = app.control();
    let head = control.journal().head().await?;
    let leadership = leadership(&control.leadership().borrow());
    Ok(Json(dto::Status {
        version: env!("CARGO_PKG_VERSION").to_string(),
        now_ms: control.now().0,
        leadership,
        journal: dto::JournalHead { position: head.position, hash: head.hash.to_string() },
        under_way: control
            .list()
            .iter()
            .rev()
            .filter(|live| !live.state.is_over())
            .map(|live| view::summary(live))
            .collect(),
        unreadable: control
            .unreadable()
            .iter()
            .map(|(id, why)| dto::Unreadable {
                release: id.to_string(),
                code: why.code().to_string(),
                why: why.to_string(),
                hint: why.hint(),
            })
            .collect(),
    }))
}

fn leadership(leadership: &Leadership) -> dto::Leadership {
    match leadership {
        Leadership::Leads { fence } => dto::Leadership::Leads { fence: *fence },
        Leadership::Follows { leader } => dto::Leadership::Follows { leader: leader.clone() },
        Leadership::Unknown => dto::Leadership::Unknown,
        Leadership::Stuck { code, why, hint } => {
            dto::Leadership::Stuck { code: (*code).to_string(), why: why.clone(), hint: hint.clone() }
        }
    }
}
