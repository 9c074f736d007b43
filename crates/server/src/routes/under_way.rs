//! Everything that moves, in one stream: a browser may hold six connections to a server over all of its tabs, so that a stream
//! for each release would leave none to press a button with.

use super::releases::shown;
use crate::app::App;
use crate::auth::Caller;
use crate::dto;
use crate::failure::Failure;
use crate::stream::{self, Next};
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::sse::Event;
use control::{Live, ReleaseId};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// How often releases are looked at. People do not read faster, and a rollout changes a few times a second at most.
const LOOK: Duration = Duration::from_millis(250);

/// First which releases are under way, as an event `under_way`, then each of them as an event `release`; then each again
/// after it changed, a last time when it is over, and `under_way` whenever the list of them changed.
#[utoipa::path(get, path = "/v1/releases/live", operation_id = "watch_releases", tag = "releases", responses((status = 200, description = "Events `under_way`, whose data is a list of ids, and `release`, whose data is a release.", content_type = "text/event-stream", body = dto::UnderWay)))]
pub(super) async fn follow(State(app): State<App>, caller: Caller) -> Result<impl IntoResponse, Failure> {
    let eye = Eye { app: app.clone(), seen: BTreeMap::new(), told: None, waiting: VecDeque::new() };
    Ok(stream::events(app, caller, eye, Eye::next))
}

struct Eye {
    app: App,
    /// Releases under way as they were told last.
    seen: BTreeMap<ReleaseId, Arc<Live>>,
    /// The list that was told last.
    told: Option<Vec<String>>,
    waiting: VecDeque<Event>,
}

impl Eye {
    async fn next(mut self) -> Next<Self> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Next::Event(event, self);
            }
            if self.told.is_some() {
                tokio::time::sleep(LOOK).await;
            }
            if let Err(failure) = self.look().await {
                return Next::Last(stream::failed(&failure));
            }
        }
    }

    async fn look(&mut self) -> Result<(), Failure> {
        let control = self.app.control().clone();
        let lives = control.list();
        let moving = |live: &&Arc<Live>| !live.state.is_over();
        let ids: Vec<String> = lives.iter().rev().filter(moving).map(|live| live.id.to_string()).collect();
        if self.told.as_ref() != Some(&ids) {
            let list = dto::UnderWay { now_ms: control.now().0, releases: ids.clone() };
            self.waiting.push_back(stream::event("under_way", &list)?);
            self.told = Some(ids);
        }
        for live in lives {
            let over = live.state.is_over();
            let before = self.seen.get(&live.id);
            let news = before.map_or(!over, |before| !Arc::ptr_eq(before, &live));
            if news {
                self.waiting.push_back(stream::event("release", &shown(&self.app, &live).await)?);
            }
            if over {
                self.seen.remove(&live.id);
            } else if news {
                self.seen.insert(live.id, live);
            }
        }
        Ok(())
    }
}
