//! Whom a request is charged to. Opened when the arm is picked; a charge that is dropped unsettled is a client that went away.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::Response;
use hyper::header::HeaderMap;

use super::Session;
use super::failure::Failure;
use super::grpc::{self, Word};
use crate::count::{Ending, Waiting};
use crate::route::{Picked, Route};
use crate::upstream::Upstream;

pub(crate) struct Charge {
    session: Rc<Session>,
    cast: u64,
    picked: Picked,
    user: u32,
    opened: Instant,
    /// When the headers of a gRPC response came whose end is still to come, and from where.
    awaiting: Option<(u64, Arc<Upstream>)>,
    settled: bool,
}

impl Charge {
    pub(super) fn open(session: &Rc<Session>, route: &Route, picked: Picked, user: u32) -> Self {
        let charge = Charge {
            session: Rc::clone(session),
            cast: route.cast,
            picked,
            user,
            opened: Instant::now(),
            awaiting: None,
            settled: false,
        };
        charge.wait(Waiting::Begins);
        charge
    }

    /// `instance` gave the headers of a response.
    pub(super) fn answered<B>(&mut self, response: &Response<B>, instance: &Arc<Upstream>) {
        let latency_us = micros(self.opened.elapsed());
        let failed = response.status().is_server_error();
        let error = match grpc::of_headers(response.headers()) {
            Word::Later if !failed => {
                self.awaiting = Some((latency_us, Arc::clone(instance)));
                self.wait(Waiting::Ends);
                return;
            }
            Word::Ended { error } => error || failed,
            Word::Later | Word::None => failed,
        };
        instance.answered(error);
        self.settle(Ending::Answered { latency_us, error });
    }

    /// The response has come to its end.
    pub(super) fn ended(&mut self, trailers: Option<&HeaderMap>) {
        if let Some((latency_us, instance)) = self.awaiting.take() {
            let error = grpc::is_error(trailers);
            instance.answered(error);
            self.wait(Waiting::Begins);
            self.settle(Ending::Answered { latency_us, error });
        }
    }

    pub(super) fn failed(&mut self, failure: Failure) {
        match failure {
            Failure::Unreachable | Failure::Broke => self.settle(Ending::Failed),
            Failure::TimedOut => self.settle(Ending::TimedOut { latency_us: micros(self.opened.elapsed()) }),
            // Its client's doing: dropping the charge says the rest.
            Failure::ClientBroke | Failure::ClientStalled | Failure::Malformed | Failure::NoTunnels => {}
        }
    }

    pub(super) fn retried(&mut self) {
        self.settle(Ending::RetriedOnStable);
    }

    pub(super) fn truncated(&mut self) {
        self.ended(None);
        self.count(Ending::Truncated);
    }

    fn settle(&mut self, ending: Ending) {
        self.settled = true;
        self.count(ending);
    }

    fn wait(&self, waiting: Waiting) {
        self.session.lane.wait(self.session.worker, self.cast, self.picked, waiting);
    }

    fn count(&self, ending: Ending) {
        self.session.lane.count(self.session.worker, self.cast, self.picked, self.user, ending);
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        match &self.awaiting {
            _ if self.settled => {}
            // A stream that its client has had enough of was answered.
            Some((latency_us, _)) => {
                self.wait(Waiting::Begins);
                self.count(Ending::Answered { latency_us: *latency_us, error: false });
            }
            None => self.count(Ending::Abandoned),
        }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
