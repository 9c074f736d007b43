//! Server-sent events that end when they should: with the server, and within a second after their token is revoked. Each
//! stream pulls what it sends, so that a slow reader delays nobody and costs one item of memory.

use crate::app::App;
use crate::auth::Caller;
use crate::failure::Failure;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{Stream, StreamExt, unfold};
use serde::Serialize;
use std::convert::Infallible;
use std::pin::Pin;
use std::time::Duration;

/// How often a silent stream shows that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);

type Events = Pin<Box<dyn Stream<Item = Result<Event, Infallible>> + Send>>;

/// What a stream sends next.
pub(crate) enum Next<S> {
    /// An event, and how to go on.
    Event(Event, S),
    /// A last event.
    Last(Event),
    /// Nothing any more.
    End,
}

/// A stream that asks `next` for one event after the other.
pub(crate) fn events<S, F, A>(
    app: App,
    caller: Caller,
    first: S,
    next: F,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>>
where
    S: Send + 'static,
    F: Fn(S) -> A + Send + 'static,
    A: Future<Output = Next<S>> + Send,
{
    let events = unfold((Some(first), next), |(state, next)| async move {
        match next(state?).await {
            Next::Event(event, state) => Some((Ok(event), (Some(state), next))),
            Next::Last(event) => Some((Ok(event), (None, next))),
            Next::End => None,
        }
    });
    let end = async move {
        tokio::select! {
            () = app.stopped() => {}
            () = caller.shut_out(&app) => {}
        }
    };
    let events: Events = Box::pin(events.take_until(end));
    Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("alive"))
}

/// An event with a name and a body.
pub(crate) fn event<T: Serialize>(name: &str, body: &T) -> Result<Event, Failure> {
    Event::default().event(name).json_data(body).map_err(|error| Failure::defect("an event cannot be written", &error))
}

/// The event that ends a stream which cannot go on.
pub(crate) fn failed(failure: &Failure) -> Event {
    // A problem is texts and numbers; if it ever were not, the stream would end without a word, as a cut connection does.
    event("problem", failure.problem()).unwrap_or_default()
}
