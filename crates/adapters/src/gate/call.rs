//! Calls to the gate over its Unix socket. Each makes a connection of its own, so that nothing is shared between an order
//! that was dropped and the one that replaces it.

use super::GateAddress;
use crate::exchange::{Answer, Body, exchange};
use crate::failure::{lasting, passing};
use ::gate::wire::{Applied, Blocks, FENCE, Problem, Removed, ServiceOrder, ServiceStatus, Shutdown, Status};
use bytes::Bytes;
use control::ports::{PortError, Turn};
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::http::request::Builder;
use hyper::{Method, Request};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::time::timeout;

/// A gate that says nothing for this long will not say anything soon.
const DEADLINE: Duration = Duration::from_secs(5);
/// The largest answer that is read: some hundred blocks of counts.
const LARGEST_ANSWER: usize = 32 * 1024 * 1024;

/// The gate as its callers see it. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    socket: Arc<Path>,
}

/// Why a call had no result.
#[derive(Debug)]
pub(crate) enum CallError {
    /// Nobody answers on the socket.
    Unreachable(String),
    /// Somebody took the call and did not answer in time.
    Late,
    /// The answer is not one of the protocol.
    Garbled(String),
    /// The gate says no, and why.
    Refused(Box<Problem>),
}

impl Client {
    pub(crate) fn new(address: &GateAddress) -> Self {
        Self { socket: address.0.as_path().into() }
    }

    /// Where the output of a version goes.
    pub(crate) fn log(&self, key: &str, version: &str) -> PathBuf {
        let dir = self.socket.parent().unwrap_or(Path::new("."));
        dir.join("logs").join(key).join(format!("{version}.log"))
    }

    pub(crate) async fn status(&self) -> Result<Status, CallError> {
        self.call(Method::GET, "/v1/status", None).await
    }

    pub(crate) async fn put(&self, key: &str, order: &ServiceOrder) -> Result<Applied, CallError> {
        let order = json(order)?;
        self.call(Method::PUT, &format!("/v1/services/{key}"), Some(order)).await
    }

    /// A service, if the gate serves it.
    pub(crate) async fn service(&self, key: &str, turn: Turn) -> Result<Option<ServiceStatus>, CallError> {
        served(self.look(&format!("/v1/services/{key}"), turn).await)
    }

    /// At most `limit` blocks after `after` of the run `boot`, or all of the present run if it is another one.
    pub(crate) async fn blocks(
        &self,
        key: &str,
        turn: Turn,
        boot: &str,
        after: u64,
        limit: u64,
    ) -> Result<Option<Blocks>, CallError> {
        let path = format!("/v1/services/{key}/blocks?boot={boot}&after={after}&limit={limit}");
        served(self.look(&path, turn).await)
    }

    pub(crate) async fn remove(&self, key: &str, turn: Turn) -> Result<Removed, CallError> {
        let path = format!("/v1/services/{key}?fence={}&generation={}", turn.fence, turn.count);
        self.call(Method::DELETE, &path, None).await
    }

    pub(crate) async fn shutdown(&self, drain: Duration) -> Result<Status, CallError> {
        let drain_ms = u64::try_from(drain.as_millis()).unwrap_or(u64::MAX);
        self.call(Method::POST, "/v1/shutdown", Some(json(&Shutdown { drain_ms })?)).await
    }

    /// Turns the failure of a call into what control and people are told.
    pub(crate) fn failure(&self, what: &str, error: CallError) -> PortError {
        let socket = self.socket.display();
        match error {
            CallError::Unreachable(why) => passing(
                "TG-5001",
                format!("{what}: the gate does not answer on {socket}: {why}"),
                "look whether `tidegate gate` runs and what it wrote to gate.log beside that socket",
            ),
            CallError::Late => passing(
                "TG-5002",
                format!("{what}: the gate did not answer on {socket} within {} s", DEADLINE.as_secs()),
                "look at the load of the machine; if the gate hangs, stop its process: it is started again",
            ),
            CallError::Garbled(why) => lasting(
                "TG-5003",
                format!("{what}: the gate's answer cannot be understood: {why}"),
                "run the gate and the control plane from the same version of Tidegate",
            ),
            CallError::Refused(problem) if problem.code == "TG-4013" => lasting(
                "TG-5004",
                format!("{what}: another control plane has given newer orders ({})", problem.detail),
                "run one control plane per gate; if the journal was replaced, stop the gate and empty its directory",
            ),
            // Control finds out by itself, and what it orders then is another thing.
            CallError::Refused(problem) if problem.code == "TG-4021" => passing(
                "TG-5015",
                format!("{what}: the gate took users back by itself: {}", problem.detail),
                "the release waits for a person: resume it, or roll it back",
            ),
            CallError::Refused(problem) => PortError {
                code: "TG-5005",
                message: format!(
                    "{what}: the gate refuses it: {}: {}: {}",
                    problem.code, problem.title, problem.detail
                ),
                hint: problem.hint,
                // A gate that stops or fails may be followed by one that does not.
                retry: problem.status >= 500,
            },
        }
    }

    /// Asks for a service as its leader: the gate's dead man's switch counts it as a word.
    async fn look<T: DeserializeOwned>(&self, path: &str, turn: Turn) -> Result<T, CallError> {
        let request = Request::builder().method(Method::GET).uri(path).header(FENCE, turn.fence);
        self.answered(request, None).await
    }

    async fn call<T: DeserializeOwned>(&self, method: Method, path: &str, body: Option<Bytes>) -> Result<T, CallError> {
        self.answered(Request::builder().method(method).uri(path), body).await
    }

    async fn answered<T: DeserializeOwned>(&self, request: Builder, body: Option<Bytes>) -> Result<T, CallError> {
        let Answer { status, body, .. } =
            timeout(DEADLINE, self.ask(request, body)).await.unwrap_or(Err(CallError::Late))?;
        let wrong = |error: serde_json::Error| CallError::Garbled(format!("status {status}: {error}"));
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(wrong);
        }
        Err(CallError::Refused(serde_json::from_slice(&body).map_err(wrong)?))
    }

    async fn ask(&self, request: Builder, body: Option<Bytes>) -> Result<Answer, CallError> {
        let request = request
            .header(HOST, "gate")
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(body.unwrap_or_default()));
        let request = request.map_err(|error| CallError::Garbled(format!("it cannot be asked for: {error}")))?;
        let unreachable = |error: String| CallError::Unreachable(error);
        let stream = UnixStream::connect(&self.socket).await.map_err(|error| unreachable(error.to_string()))?;
        exchange(stream, request, Body::UpTo(LARGEST_ANSWER)).await.map_err(|fault| unreachable(fault.to_string()))
    }
}

/// A gate without the service is an answer, not a failure.
fn served<T>(answer: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(CallError::Refused(problem)) if problem.code == "TG-4016" => Ok(None),
        Err(error) => Err(error),
    }
}

fn json(value: &impl Serialize) -> Result<Bytes, CallError> {
    serde_json::to_vec(value).map(Bytes::from).map_err(|error| CallError::Garbled(error.to_string()))
}
