//! Telling a release something.

use super::{path, resolve};
use crate::client::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use serde_json::json;
use server::dto::Release;

/// Says `word` to a release and shows what came of it.
///
/// # Errors
/// The server cannot be reached, or the release refuses.
pub(crate) async fn steer(
    client: &Client,
    out: &Out,
    id: &str,
    word: &'static str,
    reason: Option<String>,
) -> Result<Exit, Failure> {
    let id = resolve(client, id).await?;
    let body = reason.map_or_else(|| json!({}), |reason| json!({ "reason": reason }));
    let release: Release = client.post(&format!("{}/{word}", path(&id)), body).await?;
    if out.json() {
        out.value(&release)?;
    } else {
        out.line(&crate::visible::visible(&format!("{id} {}", release.headline)))?;
    }
    Ok(Exit::Done)
}
