//! A server in memory. The world obeys at once; what a test wants otherwise it changes.

use crate::ask::Client;
use crate::outage::Outage;
use axum::Router;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use control::ports::{
    BoxFuture, Clock, Connect, Hooks, Installed, Lever, Order, PortResult, Prober, Reading, Seen, Signal, Site, Target,
    Turn,
};
use control::{Control, Leadership};
use engine::{Share, TakenBack, Timestamp};
use policy::{Policy, Wiring};
use server::{App, NoBootstrap, PolicySource, PolicyUnreadable};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tokio::time::Instant;

/// The moment at which every test begins.
pub(crate) const BEGIN: i64 = 1_795_000_000_000;

/// `shop` takes pushed counts, `blog` is counted by its gate.
pub(crate) const POLICY: &str = "\
extends: standard
services:
  shop: { target: local, lever: edge, signals: [counted], live: 1.0.0 }
  blog: { target: local, lever: side }
targets:
  local: { process: { command: ./serve } }
levers:
  edge: { gate: { listen: '127.0.0.1:8080' } }
  side: { gate: { listen: '127.0.0.1:8081' } }
signals:
  counted: { push: {} }
";

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) router: Router,
    pub(crate) control: Control,
    pub(crate) journal: Arc<Outage>,
    pub(crate) shelf: Arc<Shelf>,
    admin: String,
}

impl World {
    /// A server that leads and has its first token.
    pub(crate) async fn new() -> Self {
        let (control, journal) = leading().await;
        let mut admin = String::new();
        let issued = server::bootstrap(&control, |secret| {
            admin = secret.to_string();
            Ok::<(), NoBootstrap>(())
        });
        assert_eq!(issued.await, Ok(true));
        let shelf = Arc::new(Shelf(Mutex::new(POLICY.to_string())));
        let app = App::new(control.clone(), shelf.clone());
        // Lets the tokens be read.
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        Self { router: server::router(app.clone()), app, control, journal, shelf, admin }
    }

    /// A client with the first token.
    pub(crate) fn admin(&self) -> Client {
        Client::new(&self.router, Some(&self.admin))
    }

    /// The first token.
    pub(crate) fn admin_secret(&self) -> &str {
        &self.admin
    }

    /// A client without a token.
    pub(crate) fn nobody(&self) -> Client {
        Client::new(&self.router, None)
    }

    pub(crate) fn holder_of(&self, secret: &str) -> Client {
        Client::new(&self.router, Some(secret))
    }

    /// Opens `shop` 2.0.0 and answers with its id.
    pub(crate) async fn open(&self) -> String {
        let ask =
            serde_json::json!({"service": "shop", "channel": "production", "type": "feature", "version": "2.0.0"});
        let answer = self.admin().post("/v1/releases", &ask).await;
        answer.expect(201)["id"].as_str().unwrap().to_string()
    }

    /// Opens `shop` 2.0.0 and waits until its first phase is confirmed.
    pub(crate) async fn ramping(&self) -> String {
        let id = self.open().await;
        let mut changes = self.control.watch(id.parse().unwrap()).unwrap();
        changes.wait_for(|live| live.state.confirmed_share.is_some_and(|(s, _)| s != Share::NONE)).await.unwrap();
        id
    }
}

/// Pages of a server that has none.
pub(crate) fn no_page(_: &Method, _: &str, _: &HeaderMap) -> Response {
    StatusCode::NOT_FOUND.into_response()
}

/// Control that leads, over an empty journal.
pub(crate) async fn leading() -> (Control, Arc<Outage>) {
    let journal = Arc::new(Outage::default());
    let clock = Arc::new(Virtual { begin: Instant::now() });
    let (control, run) = Control::new(journal.clone(), Arc::new(Obedient::default()), clock, "test");
    tokio::spawn(run.run());
    control.leadership().wait_for(|l| matches!(l, Leadership::Leads { .. })).await.unwrap();
    (control, journal)
}

/// A policy that a test may change.
pub(crate) struct Shelf(pub(crate) Mutex<String>);

impl PolicySource for Shelf {
    fn read(&self) -> Result<(Policy, PathBuf), PolicyUnreadable> {
        let text = self.0.lock().unwrap().clone();
        if text.is_empty() {
            return Err(PolicyUnreadable::File { file: "tidegate.yaml".into(), why: "no such file".into() });
        }
        let policy = policy::read(&text, "tidegate.yaml").map_err(PolicyUnreadable::Wrong)?;
        Ok((policy, PathBuf::from("/srv/shop")))
    }
}

struct Virtual {
    begin: Instant,
}

impl Clock for Virtual {
    fn now(&self) -> Timestamp {
        Timestamp(BEGIN + i64::try_from(self.begin.elapsed().as_millis()).unwrap())
    }
}

/// Does what it is told, at once.
#[derive(Default)]
struct Obedient {
    share: Arc<Mutex<Option<Share>>>,
}

struct Hands(Arc<Mutex<Option<Share>>>);

impl Connect for Obedient {
    fn connect(&self, _: &Wiring) -> PortResult<Site> {
        let hands = Arc::new(Hands(self.share.clone()));
        Ok(Site {
            lever: hands.clone(),
            target: hands.clone(),
            signal: hands.clone(),
            prober: hands.clone(),
            hooks: hands,
        })
    }

    fn settle<'a>(&'a self, _: &'a Wiring, _: &'a Installed, _: Turn) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async { Ok(()) })
    }
}

impl Lever for Hands {
    fn shift<'a>(&'a self, _: &'a Order, share: Share) -> BoxFuture<'a, PortResult<()>> {
        *self.0.lock().unwrap() = Some(share);
        Box::pin(async { Ok(()) })
    }

    fn observe<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, PortResult<Share>> {
        let share = self.0.lock().unwrap().unwrap_or(Share::NONE);
        Box::pin(async move { Ok(share) })
    }

    fn taken_back<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, PortResult<Option<TakenBack>>> {
        Box::pin(async { Ok(None) })
    }
}

impl Target for Hands {
    fn deploy<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async { Ok(()) })
    }

    fn promote<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async { Ok(()) })
    }

    fn withdraw<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async { Ok(()) })
    }
}

impl Signal for Hands {
    fn read<'a>(&'a self, _: &'a Order, _: &'a str) -> BoxFuture<'a, Reading> {
        Box::pin(async { Reading::NotYet })
    }
}

impl Prober for Hands {
    fn probe<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, Option<Seen>> {
        Box::pin(async { None })
    }
}

impl Hooks for Hands {
    fn run<'a>(&'a self, _: &'a Order, _: &'a str, _: Share) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }
}
