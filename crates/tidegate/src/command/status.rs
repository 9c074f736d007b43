//! `tidegate status`: how the server is, and what users have.

use crate::client::Locator;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::render::table::table;
use crate::render::time::moment;
use crate::visible::visible;
use serde_json::json;
use server::dto::{Leadership, ServiceInChannel, Services, Status};

pub(crate) async fn run(server: &Locator, out: &Out) -> Result<Exit, Failure> {
    let client = server.client()?;
    let status: Status = client.get("/v1/status").await?;
    let services: Services = client.get("/v1/services").await?;
    if out.json() {
        out.value(&json!({ "status": status, "services": services }))?;
        return Ok(Exit::Done);
    }
    let paint = out.paint();
    out.line(&format!("tidegate {} at {}", visible(&status.version), client.url()))?;
    let leads = match &status.leadership {
        Leadership::Leads { .. } => paint.green("leads"),
        Leadership::Follows { leader } => paint.yellow(&visible(&format!("follows {leader}"))),
        Leadership::Unknown => paint.yellow("does not lead yet"),
        Leadership::Stuck { code, why, hint } => paint.red(&visible(&format!("cannot lead: {why} [{code}]; {hint}"))),
    };
    out.line(&format!("{leads}; the journal has {} entries", status.journal.position))?;
    for one in &status.unreadable {
        out.line(&paint.red(&visible(&format!(
            "{} cannot be read, and no release can be opened: {} [{}]; {}",
            one.release, one.why, one.code, one.hint
        ))))?;
    }
    if let Some(problem) = &services.policy.problem {
        out.line(
            &paint.red(&visible(&format!("the policy: {} [{}]; {}", problem.detail, problem.code, problem.hint))),
        )?;
    }
    let rows: Vec<_> = services.services.iter().map(row).collect();
    if !rows.is_empty() {
        out.line("")?;
    }
    for line in table(["service", "channel", "live", "since", "under way"], &rows).iter().filter(|_| !rows.is_empty()) {
        out.line(&line.paint(paint, usize::MAX))?;
    }
    for release in &status.under_way {
        out.line(&visible(&format!("\n{} {} {}: {}", release.id, release.service, release.version, release.headline)))?;
    }
    Ok(Exit::Done)
}

fn row(service: &ServiceInChannel) -> [String; 5] {
    let live = service.live.as_ref();
    [
        service.service.clone(),
        service.channel.clone(),
        live.map_or_else(|| "–".into(), |live| live.version.clone()),
        live.map_or_else(|| "–".into(), |live| moment(live.since_ms)),
        service.under_way.clone().unwrap_or_else(|| "–".into()),
    ]
}
