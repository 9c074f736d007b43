//! Server-sent events, as <https://html.spec.whatwg.org/multipage/server-sent-events.html> reads them.

use super::NoAnswer;
use bytes::{Buf, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use std::time::Duration;
use tokio::time::timeout;

/// A server sends at least a comment every 15 s; after three times that it is gone.
const SILENCE: Duration = Duration::from_secs(45);
/// A line that does not end is no event of ours.
const LONGEST: usize = 16 << 20;

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    /// Where to go on after it.
    pub(crate) id: Option<String>,
    /// Its name.
    pub(crate) name: Option<String>,
    /// What it says.
    pub(crate) data: String,
}

/// A stream of events.
#[derive(Debug)]
pub(crate) struct Events {
    body: Incoming,
    parser: Parser,
}

impl Events {
    pub(super) fn new(body: Incoming) -> Self {
        Self { body, parser: Parser::default() }
    }

    /// The next event; `None` when the server ended the stream.
    ///
    /// # Errors
    /// The stream broke off, or the server fell silent.
    pub(crate) async fn next(&mut self) -> Result<Option<Event>, NoAnswer> {
        loop {
            if let Some(event) = self.parser.next() {
                return Ok(Some(event));
            }
            if self.parser.pending.len() > LONGEST {
                return Err(NoAnswer::Broken("an event is larger than anything a server of ours sends".into()));
            }
            match timeout(SILENCE, self.body.frame()).await {
                Err(_) => return Err(NoAnswer::Slow("say anything", SILENCE)),
                Ok(None) => return Ok(None),
                Ok(Some(Err(error))) => return Err(NoAnswer::Broken(error.to_string())),
                Ok(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        self.parser.pending.extend_from_slice(&data);
                    }
                }
            }
        }
    }
}

#[derive(Debug, Default)]
struct Parser {
    pending: BytesMut,
    event: Event,
    has_data: bool,
}

impl Parser {
    /// The next whole event of what came so far.
    fn next(&mut self) -> Option<Event> {
        while let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') {
            let line = self.pending.split_to(end);
            self.pending.advance(1);
            let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(&line)).into_owned();
            if !line.is_empty() {
                self.field(&line);
                continue;
            }
            let event = std::mem::take(&mut self.event);
            if std::mem::take(&mut self.has_data) {
                return Some(event);
            }
        }
        None
    }

    fn field(&mut self, line: &str) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
                self.has_data = true;
            }
            "event" => self.event.name = Some(value.to_owned()),
            "id" => self.event.id = Some(value.to_owned()),
            // Comments have an empty name; what else there is, the standard says to ignore.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events_of(pieces: &[&str]) -> Vec<Event> {
        let mut parser = Parser::default();
        let mut events = Vec::new();
        for piece in pieces {
            parser.pending.extend_from_slice(piece.as_bytes());
            while let Some(event) = parser.next() {
                events.push(event);
            }
        }
        events
    }

    #[test]
    fn an_event_may_come_in_any_pieces() {
        let text = "id: 7\nevent: entry\ndata: {\"a\":\ndata: 1}\n\n";
        let expected = vec![Event { id: Some("7".into()), name: Some("entry".into()), data: "{\"a\":\n1}".into() }];
        for cut in 0..text.len() {
            assert_eq!(events_of(&[&text[..cut], &text[cut..]]), expected, "cut at {cut}");
        }
    }

    #[test]
    fn comments_and_empty_events_are_not_events() {
        assert_eq!(events_of(&[": heartbeat\n\n", "\n\n", "event: x\n\n"]), vec![]);
        assert_eq!(events_of(&["data:1\r\n\r\n"]).len(), 1);
    }
}
