//! The bodies of the API, through the real router, control and engine, with a world in memory that obeys.

mod world;

use crate::{is_code, soon};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use server::dto;
use std::fmt::Debug;
use tower::ServiceExt;
use world::World;

/// Says whether a body is one that its route can read.
type Reads = fn(&[u8]) -> bool;

/// Every route that takes a body.
const ROUTES: [(&str, Reads); 9] = [
    ("/v1/releases", reads_back::<dto::OpenRelease>),
    ("/v1/releases/r1/pause", reads_back::<dto::Reason>),
    ("/v1/releases/r1/resume", nothing_or::<dto::Resume>),
    ("/v1/releases/r1/advance", reads_back::<dto::Advance>),
    ("/v1/releases/r1/abort", reads_back::<dto::Reason>),
    ("/v1/releases/r1/rollback", reads_back::<dto::Reason>),
    ("/v1/releases/r1/alarms", reads_back::<dto::Alarm>),
    ("/v1/releases/r1/measurements", reads_back::<dto::PushMeasurement>),
    ("/v1/tokens", reads_back::<dto::IssueToken>),
];

/// The first line is a route, the rest its body. Each is sent to a fresh server with a release that ramps.
pub fn api(bytes: &[u8]) {
    let (line, body) =
        bytes.iter().position(|&byte| byte == b'\n').map_or((bytes, &[][..]), |at| (&bytes[..at], &bytes[at + 1..]));
    let Some((route, is_one)) = ROUTES.iter().find(|(route, _)| route.as_bytes() == line) else { return };
    let understood = is_one(body);
    let (status, answer) = soon(|| world::RUNTIME.with(|runtime| runtime.block_on(exchange(route, body.to_vec()))));
    assert!(status.as_u16() < 500, "{route}: {status}: {answer}");
    assert!(understood || !status.is_success(), "{route} took what is no body of it: {status}");
    assert!(!understood || status != StatusCode::BAD_REQUEST, "{route} does not understand its own body: {answer}");
    if !status.is_success() {
        refused(status, &answer);
    }
}

/// Sends one body, and looks at the release and the journal afterwards: what was accepted must not have broken them.
async fn exchange(route: &str, body: Vec<u8>) -> (StatusCode, String) {
    let world = World::ramping().await;
    let answer = call(&world, "POST", route, body).await;
    for place in ["/v1/releases/r1", "/v1/releases/r1/measurements", "/v1/status", "/v1/journal/verify", "/metrics"] {
        let (status, said) = call(&world, "GET", place, Vec::new()).await;
        assert_eq!(status, StatusCode::OK, "{place} after {route}: {said}");
    }
    answer
}

async fn call(world: &World, method: &str, path: &str, body: Vec<u8>) -> (StatusCode, String) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {}", world.token))
        .header("content-type", "application/json")
        .body(Body::from(body))
        .unwrap();
    let response = world.router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let whole = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(whole.to_vec()).expect("an answer is text"))
}

fn refused(status: StatusCode, answer: &str) {
    let problem: dto::Problem = serde_json::from_str(answer).unwrap_or_else(|error| panic!("{error}: {answer}"));
    assert!(is_code(&problem.code) && problem.status == status.as_u16(), "{answer}");
    for said in [&problem.title, &problem.detail, &problem.hint] {
        assert!(!said.trim().is_empty(), "{answer}");
    }
    assert!(answer.len() < 64 * 1024, "an error of {} bytes", answer.len());
}

/// Whether it is one; if so, it can be written and read again.
fn reads_back<T: DeserializeOwned + Serialize + PartialEq + Debug>(body: &[u8]) -> bool {
    let Ok(value) = serde_json::from_slice::<T>(body) else { return false };
    let again = serde_json::to_vec(&value).expect("a body is JSON");
    assert_eq!(serde_json::from_slice::<T>(&again).expect("a body reads back"), value);
    true
}

fn nothing_or<T: DeserializeOwned + Serialize + PartialEq + Debug>(body: &[u8]) -> bool {
    body.is_empty() || reads_back::<T>(body)
}
