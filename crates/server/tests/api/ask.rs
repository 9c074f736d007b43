//! A client that checks on every answer what is promised of every answer.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

pub(crate) struct Client {
    router: Router,
    headers: Vec<(&'static str, String)>,
}

impl Client {
    pub(crate) fn new(router: &Router, secret: Option<&str>) -> Self {
        let headers = secret.map(|secret| ("authorization", format!("Bearer {secret}")));
        Self { router: router.clone(), headers: headers.into_iter().collect() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None, Bytes::new()).await.whole().await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None, Bytes::new()).await.whole().await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some("application/json"), body.to_string().into()).await.whole().await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, Some("application/json"), body.to_string().into()).await.whole().await
    }

    /// Sends anything at all; the answer's body is still to come.
    pub(crate) async fn send(&self, method: &str, path: &str, kind: Option<&str>, body: Bytes) -> Opening {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(*name, value.as_bytes());
        }
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        let request = request.body(Body::from(body)).unwrap();
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let foreign = path.starts_with("/ofrep/");
        let opening = Opening { status: parts.status, headers: parts.headers, body, foreign };
        assert_eq!(opening.headers["cache-control"], "no-store", "{path}");
        assert_eq!(opening.headers["x-content-type-options"], "nosniff", "{path}");
        opening
    }
}

/// An answer whose body is still to come.
pub(crate) struct Opening {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    /// Whether errors have the shape of somebody else's protocol.
    foreign: bool,
}

impl Opening {
    pub(crate) fn is_stream(&self) -> bool {
        self.headers.get("content-type").is_some_and(|kind| kind == "text/event-stream")
    }

    pub(crate) async fn whole(self) -> Answer {
        let body = self.body.collect().await.unwrap().to_bytes();
        let answer = Answer { status: self.status, headers: self.headers, body };
        if (answer.status.is_client_error() || answer.status.is_server_error()) && !self.foreign {
            answer.check_shape();
        }
        answer
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {:?}", self.body))
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// The problem of an answer with this status and code.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> server::dto::Problem {
        let problem: server::dto::Problem = serde_json::from_value(self.expect(status)).unwrap();
        assert_eq!(problem.code, code, "{}", self.text());
        problem
    }

    /// Every error has the same shape.
    fn check_shape(&self) {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{}", self.text());
        let problem: server::dto::Problem = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem.status, self.status.as_u16());
        assert_eq!(problem.kind, format!("urn:tidegate:error:{}", problem.code));
        assert!(problem.code.starts_with("TG-") && problem.code.len() == 7, "{}", problem.code);
        for text in [&problem.title, &problem.detail, &problem.hint] {
            assert!(!text.is_empty(), "{problem:?}");
        }
        if self.status == StatusCode::UNAUTHORIZED {
            assert_eq!(self.headers["www-authenticate"], "Bearer realm=\"tidegate\"");
        }
    }
}

/// The events of a stream, one by one.
pub(crate) struct Events {
    body: Body,
    text: String,
}

/// One event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) id: Option<String>,
    pub(crate) data: String,
}

impl Event {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap()
    }
}

impl Events {
    pub(crate) async fn of(client: &Client, path: &str) -> Self {
        let opening = client.send("GET", path, None, Bytes::new()).await;
        assert_eq!(opening.status, 200);
        assert!(opening.is_stream());
        Self { body: opening.body, text: String::new() }
    }

    /// The next event, or nothing when the stream has ended. Comments are passed over and counted.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            let block = self.block().await?;
            let field = |name: &str| {
                block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).map(str::to_string)
            };
            if let (Some(name), Some(data)) = (field("event"), field("data")) {
                return Some(Event { name, id: field("id"), data });
            }
        }
    }

    /// The next block of the stream, events and comments alike.
    pub(crate) async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_string(), rest.to_string());
                self.text = rest;
                return Some(block);
            }
            let frame = self.body.frame().await?.unwrap();
            self.text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
        }
    }
}
