//! The server's API as the command line uses it: an address, a token, and refusals turned into failures that people
//! can act upon.

mod locator;

pub(crate) use locator::{ADMIN_TOKEN, Locator};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::http::{Address, Answer, Ask, Event, Events};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A server, and the right to speak to it.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    address: Address,
    url: String,
    token: String,
}

impl Client {
    /// A client for a server on this machine whose token is known.
    #[must_use]
    pub(crate) fn local(port: u16, token: String) -> Self {
        let host = "127.0.0.1".to_owned();
        Self { url: format!("http://{host}:{port}"), address: Address::Tcp { host, port }, token }
    }

    /// Where the server is, as people say it.
    #[must_use]
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Asks for something.
    ///
    /// # Errors
    /// The server cannot be reached, refuses, or is not ours.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.ask(Ask::get(path)).await
    }

    /// Asks for something to be done.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(crate) async fn post<T: DeserializeOwned>(&self, path: &str, body: Value) -> Result<T, Failure> {
        self.ask(Ask::post(path, body)).await
    }

    /// Asks for something to be put in place of what is there.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(crate) async fn put<T: DeserializeOwned>(&self, path: &str, body: Value) -> Result<T, Failure> {
        self.ask(Ask { method: hyper::Method::PUT, ..Ask::post(path, body) }).await
    }

    /// Asks for something to be removed, and says why.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(crate) async fn delete_with<T: DeserializeOwned>(&self, path: &str, body: Value) -> Result<Option<T>, Failure> {
        let ask = Ask { method: hyper::Method::DELETE, ..Ask::post(path, body) };
        let answer = self.answer(ask).await?;
        if answer.body.is_empty() { Ok(None) } else { self.understood(&answer).map(Some) }
    }

    /// Asks for something to be removed.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(crate) async fn delete(&self, path: &str) -> Result<(), Failure> {
        let ask = Ask { method: hyper::Method::DELETE, ..Ask::get(path) };
        self.answer(ask).await.map(|_| ())
    }

    /// Asks for a stream of events.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(crate) async fn events(&self, path: &str) -> Result<Events, Failure> {
        let ask = self.authorized(Ask::get(path));
        match self.address.events(ask).await {
            Ok(events) => Ok(events),
            Err(Err(none)) => Err(locator::unreachable(&self.url, &none)),
            Err(Ok(answer)) if answer.status.is_success() => Err(self.foreign(&answer, "it is not a stream of events")),
            Err(Ok(answer)) => Err(self.refusal(&answer)),
        }
    }

    async fn ask<T: DeserializeOwned>(&self, ask: Ask) -> Result<T, Failure> {
        let answer = self.answer(ask).await?;
        self.understood(&answer)
    }

    fn understood<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, Failure> {
        let Some(value) = answer.json() else { return Err(self.foreign(answer, "it is not JSON")) };
        serde_json::from_value(value).map_err(|error| self.foreign(answer, &error.to_string()))
    }

    async fn answer(&self, ask: Ask) -> Result<Answer, Failure> {
        let ask = self.authorized(ask);
        let answer = self.address.ask(ask).await.map_err(|none| locator::unreachable(&self.url, &none))?;
        if answer.status.is_success() { Ok(answer) } else { Err(self.refusal(&answer)) }
    }

    fn authorized(&self, ask: Ask) -> Ask {
        ask.with("authorization", format!("Bearer {}", self.token))
    }

    /// What the server said no to, in its own words.
    fn refusal(&self, answer: &Answer) -> Failure {
        let exit = if answer.status.is_server_error() { Exit::Failed } else { Exit::Refused };
        let told = answer.json().and_then(|problem| told(exit, &problem));
        told.unwrap_or_else(|| self.foreign(answer, "it refuses in words that are not ours"))
    }

    fn foreign(&self, answer: &Answer, why: &str) -> Failure {
        Failure::new(
            Exit::Unreachable,
            "TG-7002",
            format!(
                "{} answers (HTTP {}), but not as a Tidegate server of this version",
                self.url,
                answer.status.as_u16()
            ),
        )
        .because(why)
        .hint("check --server; if the server is an older or newer Tidegate, use the command line of its version")
    }
}

/// The failure that the last event of a stream tells, if it is one that tells of a problem.
#[must_use]
pub(crate) fn problem_of(event: &Event) -> Option<Failure> {
    if event.name.as_deref() != Some("problem") {
        return None;
    }
    let problem: Value = serde_json::from_str(&event.data).unwrap_or(Value::Null);
    let status = problem.get("status").and_then(Value::as_u64).unwrap_or(500);
    let exit = if status >= 500 { Exit::Failed } else { Exit::Refused };
    let unclear = || Failure::new(exit, "TG-7002", "the server ended the stream for a reason that is not in our words");
    Some(told(exit, &problem).unwrap_or_else(unclear))
}

/// What a problem of the server says; nothing if it is none of ours.
fn told(exit: Exit, problem: &Value) -> Option<Failure> {
    let text = |key: &str| problem.get(key).and_then(Value::as_str).map(str::to_owned);
    let what = text("detail").or_else(|| text("title")).unwrap_or_else(|| "refused".into());
    let mut failure = Failure::new(exit, text("code")?, what);
    if let Some(places) = policy_problems(problem) {
        failure = failure.because(places);
    }
    Some(match text("hint") {
        Some(hint) => failure.hint(hint),
        None => failure,
    })
}

/// The problems of a policy that the server met, one line each.
fn policy_problems(problem: &Value) -> Option<String> {
    let lines: Vec<String> = problem
        .get("problems")?
        .as_array()?
        .iter()
        .map(|problem| {
            let text = |key: &str| problem.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let number = |key: &str| problem.get(key).and_then(Value::as_u64).unwrap_or_default();
            let place = match problem.get("file").and_then(Value::as_str) {
                Some(file) => format!("{file}:{}:{}: ", number("line"), number("column")),
                None => String::new(),
            };
            format!("{place}{}: {}: {}", text("code"), text("what"), text("why"))
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("; "))
}
