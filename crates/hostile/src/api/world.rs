//! A server in memory whose world obeys at once, and whose time stands still unless everybody waits.

use axum::Router;
use control::ports::{
    BoxFuture, Clock, Connect, Hooks, Installed, Lever, Order, PortResult, Prober, Reading, Seen, Signal, Site, Target,
    Turn,
};
use control::{Control, Leadership};
use engine::{Share, TakenBack, Timestamp};
use journal::Memory;
use policy::{Policy, Wiring};
use server::{App, NoBootstrap, PolicySource, PolicyUnreadable};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::task::AbortHandle;
use tokio::time::Instant;

const BEGIN: i64 = 1_795_000_000_000;

const POLICY: &str = "\
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

thread_local! {
    /// Its clock is virtual.
    pub(super) static RUNTIME: Runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
}

pub(super) struct World {
    pub(super) router: Router,
    pub(super) token: String,
    run: AbortHandle,
}

impl World {
    /// A server that leads, with a token for everything, on which `shop` 2.0.0 is `r1` and has its first users.
    pub(super) async fn ramping() -> Self {
        let clock = Arc::new(Virtual { begin: Instant::now() });
        let (control, run) = Control::new(Arc::new(Memory::new()), Arc::new(Obedient::default()), clock, "hostile");
        let run = tokio::spawn(run.run()).abort_handle();
        control.leadership().wait_for(|l| matches!(l, Leadership::Leads { .. })).await.unwrap();
        let mut token = String::new();
        let issued = server::bootstrap(&control, |secret| {
            token = secret.to_string();
            Ok::<(), NoBootstrap>(())
        });
        assert_eq!(issued.await, Ok(true));
        let router = server::router(App::new(control.clone(), Arc::new(Shelf)));
        // Lets the tokens be read.
        tokio::time::sleep(Duration::from_millis(1)).await;
        let world = Self { router, token, run };
        let open = r#"{"service":"shop","channel":"production","type":"feature","version":"2.0.0"}"#;
        let (status, said) = super::call(&world, "POST", "/v1/releases", open.into()).await;
        assert_eq!(status.as_u16(), 201, "{said}");
        let mut changes = control.watch("r1".parse().unwrap()).unwrap();
        changes.wait_for(|live| live.state.confirmed_share.is_some_and(|(s, _)| s != Share::NONE)).await.unwrap();
        world
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.run.abort();
    }
}

struct Shelf;

impl PolicySource for Shelf {
    fn read(&self) -> Result<(Policy, PathBuf), PolicyUnreadable> {
        let policy = policy::read(POLICY, "tidegate.yaml").map_err(PolicyUnreadable::Wrong)?;
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
    hands: Arc<Hands>,
}

#[derive(Default)]
struct Hands(Mutex<Option<Share>>);

impl Connect for Obedient {
    fn connect(&self, _: &Wiring) -> PortResult<Site> {
        let hands = self.hands.clone();
        let (lever, target, signal) = (hands.clone(), hands.clone(), hands.clone());
        Ok(Site { lever, target, signal, prober: hands.clone(), hooks: hands })
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
