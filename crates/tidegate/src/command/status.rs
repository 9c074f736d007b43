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
    let client = server.client().await?;
    let status: Status = client.get("/v1/status").await?;
    let services: Services = client.get("/v1/services").await?;
    let exit = exit(&status, &services);
    if out.json() {
        let well = exit == Exit::Done;
        out.value(&json!({ "status": status, "services": services, "well": well, "exit_code": exit.code() }))?;
        return Ok(exit);
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
    Ok(exit)
}

/// Whoever only looks at the exit code must see a server that drives nothing, a release that it cannot read, and a policy that opens
/// nothing.
fn exit(status: &Status, services: &Services) -> Exit {
    let drives = match &status.leadership {
        Leadership::Leads { .. } | Leadership::Follows { .. } => true,
        Leadership::Unknown | Leadership::Stuck { .. } => false,
    };
    if drives && status.unreadable.is_empty() && services.policy.problem.is_none() { Exit::Done } else { Exit::Unwell }
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
