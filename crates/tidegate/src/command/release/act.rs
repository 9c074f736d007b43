//! Telling a release something.

use super::{path, resolve};
use crate::client::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use serde_json::{Value, json};
use server::dto::{Advance, Release};

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
    tell(client, out, &id, word, body).await
}

/// Advances a release out of the phase that it is in now: if it leaves that phase before the word is heard, or the word
/// is heard twice, nobody is moved further than was meant.
///
/// # Errors
/// The server cannot be reached, or the release refuses.
pub(crate) async fn advance(client: &Client, out: &Out, id: &str, reason: String) -> Result<Exit, Failure> {
    let id = resolve(client, id).await?;
    let now: Release = client.get(&path(&id)).await?;
    let body = serde_json::to_value(Advance { reason, phase: phase_of(&now) }).map_err(std::io::Error::other)?;
    tell(client, out, &id, "advance", body).await
}

/// The phase under way. While users are taken back there is none, though the release still tells how far it came.
fn phase_of(release: &Release) -> Option<u64> {
    release.phase_index.filter(|_| release.rollback.is_none())
}

async fn tell(client: &Client, out: &Out, id: &str, word: &str, body: Value) -> Result<Exit, Failure> {
    let release: Release = client.post(&format!("{}/{word}", path(id)), body).await?;
    if out.json() {
        out.value(&release)?;
    } else {
        out.line(&crate::visible::visible(&format!("{id} {}", release.headline)))?;
    }
    Ok(Exit::Done)
}
