//! What stands in where a service is not counted or not probed. Each says so; none makes up a number.

use control::ports::{BoxFuture, Order, Prober, Reading, Seen, Signal};
use engine::Gap;

/// The signal of a service that nobody counts: the judge stays undecided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotCounted;

impl Signal for NotCounted {
    fn read<'a>(&'a self, _: &'a Order, _: &'a str) -> BoxFuture<'a, Reading> {
        Box::pin(async { Reading::None(Gap::Unmeasured) })
    }
}

/// The signal of a service whose counts are sent by API: they reach control by another way, so that here the next
/// interval is never over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pushed;

impl Signal for Pushed {
    fn read<'a>(&'a self, _: &'a Order, _: &'a str) -> BoxFuture<'a, Reading> {
        Box::pin(async { Reading::NotYet })
    }
}

/// The prober of a service that cannot be asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotProbed;

impl Prober for NotProbed {
    fn probe<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, Option<Seen>> {
        Box::pin(async { None })
    }
}
