//! Whom a request is charged to. Opened when the arm is picked; a charge that is dropped unsettled is a client that went away.

use std::rc::Rc;
use std::time::{Duration, Instant};

use hyper::StatusCode;

use super::Session;
use super::failure::Failure;
use crate::count::Ending;
use crate::route::{Arm, Route};

pub(crate) struct Charge {
    session: Rc<Session>,
    cast: u64,
    arm: Arm,
    user: u32,
    opened: Instant,
    settled: bool,
}

impl Charge {
    pub(super) fn open(session: &Rc<Session>, route: &Route, arm: Arm, user: u32) -> Self {
        Charge { session: Rc::clone(session), cast: route.cast, arm, user, opened: Instant::now(), settled: false }
    }

    pub(super) fn answered(&mut self, status: StatusCode) {
        self.settle(Ending::Answered { latency_us: micros(self.opened.elapsed()), error: status.is_server_error() });
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

    pub(super) fn truncated(&self) {
        self.count(Ending::Truncated);
    }

    fn settle(&mut self, ending: Ending) {
        self.settled = true;
        self.count(ending);
    }

    fn count(&self, ending: Ending) {
        self.session.lane.count(self.session.worker, self.cast, self.arm, self.user, ending);
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        if !self.settled {
            self.count(Ending::Abandoned);
        }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
