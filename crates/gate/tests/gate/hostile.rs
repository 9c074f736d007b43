//! Input that is meant to harm. Every test has a witness: another client, whose requests go on being answered all the while.

mod frames;
mod framing;
mod http2;
mod slow;
mod upstreams;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gate::wire::ServiceOrder;
use http_body_util::Full;
use hyper::{Response, StatusCode};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::world::{Client, Running, TempDir, Upstream, order};

/// A gate before an application that notes what it is asked for.
struct Scene {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    gate: Running,
    order: ServiceOrder,
    _upstream: Upstream,
    _dir: TempDir,
}

impl Scene {
    async fn new(client_timeout: Duration) -> Scene {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        let upstream = Upstream::answering(move |request, body| {
            noted.lock().unwrap().push(format!("{} {} {}", request.method(), request.uri(), body.len()));
            Response::new(Full::from("here"))
        })
        .await;
        let dir = TempDir::new();
        let gate = Running::start_with(dir.path(), |options| options.client_timeout = client_timeout).await;
        let order = order((&upstream).into(), (&upstream).into(), 0);
        let address = gate.serve("shop", &order).await;
        Scene { address, asked, gate, order, _upstream: upstream, _dir: dir }
    }

    /// What the application was asked for, without the witness.
    fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|line| !line.contains("/witness")).cloned().collect()
    }
}

/// A well-behaved client that asks again and again.
struct Witness {
    end: watch::Sender<bool>,
    asking: JoinHandle<u32>,
}

impl Witness {
    async fn of(address: SocketAddr) -> Witness {
        let (end, ended) = watch::channel(false);
        let mut client = Client::connect(address).await;
        let asking = tokio::spawn(async move {
            let mut answered = 0;
            while !*ended.borrow() || answered == 0 {
                let answer = client.get("/witness", "wanda").await;
                assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "here"));
                answered += 1;
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            answered
        });
        Witness { end, asking }
    }

    /// Ends it, and fails if one of its requests has failed. A request begun after the attack must be answered, too.
    async fn ends_well(self, address: SocketAddr) {
        assert!(!self.asking.is_finished(), "the witness was cut off: {:?}", self.asking.await);
        self.end.send(true).unwrap();
        assert!(self.asking.await.unwrap() > 0);
        assert_eq!(Client::connect(address).await.get("/witness", "wanda").await.body, "here");
    }
}
