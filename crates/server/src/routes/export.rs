//! The whole journal as lines of JSON, read page by page while it is sent.

use crate::app::App;
use crate::auth::Caller;
use crate::dto::ExportLine;
use crate::failure::Failure;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use bytes::Bytes;
use futures_util::stream::unfold;
use journal::{Entry, Head, Journal, Sample};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

const PAGE: usize = 256;

/// Everything up to the end of the chain at the time of the request, then all measurements, then a line `end`. Without it
/// the export is not whole: the server stopped, or the token was revoked meanwhile.
#[utoipa::path(get, path = "/v1/journal/export", operation_id = "export_journal", tag = "journal", responses((status = 200, description = "One line each.", content_type = "application/x-ndjson", body = ExportLine)))]
pub(super) async fn export(State(app): State<App>, caller: Caller) -> Result<impl IntoResponse, Failure> {
    let journal = app.control().journal();
    let head = journal.head().await?;
    let export = Export { journal, head, entries: 0, samples: 0, stage: Stage::Entries };
    let lines = unfold(Some(export), |export| async move {
        let (lines, export) = export?.page().await;
        Some((Ok::<Bytes, Infallible>(lines), export))
    });
    let end = async move {
        tokio::select! {
            () = app.stopped() => {}
            () = caller.shut_out(&app) => {}
        }
    };
    let lines = futures_util::StreamExt::take_until(lines, end);
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)))
}

struct Export {
    journal: Arc<dyn Journal>,
    head: Head,
    entries: u64,
    samples: u64,
    stage: Stage,
}

enum Stage {
    Entries,
    /// The streams whose measurements are still to come, and the last number sent of the first.
    Samples(VecDeque<String>, u64),
}

impl Export {
    /// The next lines; nothing to go on with after the last ones.
    async fn page(mut self) -> (Bytes, Option<Self>) {
        match self.lines().await {
            Ok((lines, true)) => (written(&lines), Some(self)),
            Ok((mut lines, false)) => {
                let head = self.head.to_string();
                lines.push(ExportLine::End { entries: self.entries, samples: self.samples, head });
                (written(&lines), None)
            }
            Err(failure) => {
                let problem = failure.into_problem();
                let (code, detail, hint) = (problem.code, problem.detail, problem.hint);
                (written(&[ExportLine::Failed { code, detail, hint }]), None)
            }
        }
    }

    /// Lines, and whether there are more.
    async fn lines(&mut self) -> Result<(Vec<ExportLine>, bool), Failure> {
        match &mut self.stage {
            Stage::Entries => {
                let page = self.journal.read_all(self.entries, PAGE).await?;
                let lines: Vec<_> =
                    page.into_iter().take_while(|e| e.position <= self.head.position).map(entry).collect();
                self.entries += lines.len() as u64;
                if self.entries >= self.head.position || lines.is_empty() {
                    let streams = self.journal.streams("").await?;
                    self.stage = Stage::Samples(streams.into_iter().map(|head| head.stream).collect(), 0);
                }
                Ok((lines, true))
            }
            Stage::Samples(streams, after) => {
                let Some(stream) = streams.front().cloned() else { return Ok((Vec::new(), false)) };
                let page = self.journal.read_samples(&stream, *after, PAGE).await?;
                match page.last() {
                    Some(last) if page.len() == PAGE => *after = last.n,
                    Some(_) | None => {
                        streams.pop_front();
                        *after = 0;
                    }
                }
                self.samples += page.len() as u64;
                Ok((page.into_iter().map(sample).collect(), true))
            }
        }
    }
}

fn entry(entry: Entry) -> ExportLine {
    ExportLine::Entry {
        position: entry.position,
        stream: entry.stream,
        seq: entry.seq,
        at_ms: entry.at_ms,
        actor: entry.actor,
        kind: entry.kind,
        body: entry.body,
        hash: entry.hash.to_string(),
    }
}

fn sample(sample: Sample) -> ExportLine {
    ExportLine::Sample {
        stream: sample.stream,
        n: sample.n,
        after_seq: sample.after_seq,
        body: sample.body,
        hash: sample.hash.to_string(),
    }
}

fn written(lines: &[ExportLine]) -> Bytes {
    let mut text = Vec::new();
    for line in lines {
        // Texts and numbers, into memory: this cannot fail; a line that did would be missed by its number.
        if serde_json::to_writer(&mut text, line).is_ok() {
            text.push(b'\n');
        }
    }
    text.into()
}
