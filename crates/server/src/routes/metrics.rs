//! Prometheus text. Series are made of what the policy and the routes name; nothing from a request becomes one.

mod exposition;

use crate::app::App;
use crate::dto;
use crate::failure::Failure;
use crate::view;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use control::{Leadership, Live};
use engine::{Ending, Stage};
use exposition::{Exposition, Kind};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Figures for Prometheus.
#[utoipa::path(get, path = "/metrics", operation_id = "metrics", tag = "server", responses((status = 200, description = "Prometheus text format 0.0.4.", content_type = "text/plain", body = String)))]
pub(super) async fn metrics(State(app): State<App>) -> Result<impl IntoResponse, Failure> {
    let position = app.control().journal().head().await?.position;
    let lives = app.control().list();
    let mut out = Exposition::default();
    server(&app, position, &mut out);
    releases(&lives, &mut out);
    under_way(&lives, &mut out);
    rollbacks(&lives, &mut out);
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], out.into_text()))
}

fn server(app: &App, position: u64, out: &mut Exposition) {
    out.family("tidegate_build_info", Kind::Gauge, "Always 1; the label says which version runs.");
    out.whole(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    let leads = matches!(&*app.control().leadership().borrow(), Leadership::Leads { .. });
    out.family("tidegate_leading", Kind::Gauge, "1 while this replica drives releases.");
    out.whole(&[], u64::from(leads));
    out.family("tidegate_unreadable_releases", Kind::Gauge, "Releases that cannot be read; none is opened meanwhile.");
    out.whole(&[], app.control().unreadable().len() as u64);
    out.family("tidegate_journal_position", Kind::Counter, "Position of the last entry of the journal.");
    out.whole(&[], position);
    out.family("tidegate_http_requests_total", Kind::Counter, "Answered requests by route.");
    for ((method, route, status), count) in app.traffic().read() {
        out.whole(&[("method", method), ("route", &route), ("status", &status.to_string())], count);
    }
}

const STAGES: [dto::Stage; 12] = [
    dto::Stage::Opened,
    dto::Stage::Deploying,
    dto::Stage::Ramping,
    dto::Stage::Held,
    dto::Stage::Paused,
    dto::Stage::Watching,
    dto::Stage::Promoting,
    dto::Stage::Completed,
    dto::Stage::RollingBack,
    dto::Stage::RolledBack,
    dto::Stage::Aborted,
    dto::Stage::Superseded,
];

fn releases(lives: &[Arc<Live>], out: &mut Exposition) {
    let mut counts: BTreeMap<dto::Stage, u64> = STAGES.into_iter().map(|stage| (stage, 0)).collect();
    for live in lives {
        *counts.entry(view::stage(&live.state)).or_default() += 1;
    }
    out.family("tidegate_releases", Kind::Gauge, "Releases by stage.");
    for (stage, count) in counts {
        out.whole(&[("stage", word(stage))], count);
    }
}

/// The figures of a release under way, by name.
type Figure = (&'static str, &'static str, fn(&dto::Release) -> Option<f64>);

const FIGURES: [Figure; 8] = [
    ("tidegate_release_share_requested_ratio", "Share of users that the release asks for.", |r| {
        Some(r.shares.requested_percent / 100.0)
    }),
    ("tidegate_release_share_confirmed_ratio", "Share of users that the lever confirmed last.", |r| {
        r.shares.confirmed_percent.map(|percent| percent / 100.0)
    }),
    ("tidegate_release_soak_seconds", "Counted time of the phase or watch window.", |r| {
        r.clock.map(|clock| seconds(clock.soak_ms))
    }),
    ("tidegate_release_soak_target_seconds", "Needed time of the phase or watch window.", |r| {
        r.clock.map(|clock| seconds(clock.soak_for_ms))
    }),
    ("tidegate_release_harm_evidence", "Evidence of harm; see the verdict.", |r| {
        r.verdict.as_ref().map(|verdict| verdict.harm_evidence)
    }),
    ("tidegate_release_waits_for_person", "1 while the release waits for a person.", |r| {
        Some(f64::from(u8::from(r.waits_for_person)))
    }),
    ("tidegate_release_troubles", "Things that do not work at the moment.", |r| {
        u32::try_from(r.troubles.len()).ok().map(f64::from)
    }),
    ("tidegate_release_unwritten_facts", "Facts that wait for the journal.", |r| {
        u32::try_from(r.unwritten).ok().map(f64::from)
    }),
];

fn under_way(lives: &[Arc<Live>], out: &mut Exposition) {
    let shown: Vec<dto::Release> =
        lives.iter().filter(|live| !live.state.is_over()).map(|live| view::release(live, None)).collect();
    for (name, help, figure) in FIGURES {
        out.family(name, Kind::Gauge, help);
        for release in &shown {
            if let Some(value) = figure(release) {
                out.real(&labels(release), value);
            }
        }
    }
    out.family("tidegate_release_verdict", Kind::Gauge, "1 for the outcome of the verdict, 0 for the others.");
    for release in &shown {
        let Some(verdict) = &release.verdict else { continue };
        for (outcome, name) in
            [(dto::Outcome::Pass, "pass"), (dto::Outcome::Harm, "harm"), (dto::Outcome::Undecided, "undecided")]
        {
            let [id, service, channel, version] = labels(release);
            let is = u64::from(verdict.outcome == outcome);
            out.whole(&[id, service, channel, version, ("outcome", name)], is);
        }
    }
}

/// Counted over all releases that the journal has, which only grow: a counter that survives a restart.
fn rollbacks(lives: &[Arc<Live>], out: &mut Exposition) {
    let mut counts: BTreeMap<(String, String, &'static str), u64> = BTreeMap::new();
    for live in lives {
        let (Stage::RollingBack(rollback) | Stage::Ended(rollback)) = &live.state.stage else { continue };
        if rollback.ending == Ending::RolledBack {
            let opened = &live.state.opened;
            let why = view::why_word(&rollback.cause);
            *counts.entry((opened.service.clone(), opened.channel.clone(), why)).or_default() += 1;
        }
    }
    out.family("tidegate_rollbacks_total", Kind::Counter, "Releases that were taken back, by cause.");
    for ((service, channel, why), count) in counts {
        out.whole(&[("service", &service), ("channel", &channel), ("why", why)], count);
    }
}

fn labels(release: &dto::Release) -> [(&'static str, &str); 4] {
    [
        ("release", &release.id),
        ("service", &release.service),
        ("channel", &release.channel),
        ("version", &release.version),
    ]
}

#[expect(clippy::cast_precision_loss, reason = "durations far below 2^53 ms")]
fn seconds(ms: u64) -> f64 {
    ms as f64 / 1_000.0
}

fn word(stage: dto::Stage) -> &'static str {
    match stage {
        dto::Stage::Opened => "opened",
        dto::Stage::Deploying => "deploying",
        dto::Stage::Ramping => "ramping",
        dto::Stage::Held => "held",
        dto::Stage::Paused => "paused",
        dto::Stage::Watching => "watching",
        dto::Stage::Promoting => "promoting",
        dto::Stage::Completed => "completed",
        dto::Stage::RollingBack => "rolling_back",
        dto::Stage::RolledBack => "rolled_back",
        dto::Stage::Aborted => "aborted",
        dto::Stage::Superseded => "superseded",
    }
}
