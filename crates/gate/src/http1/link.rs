//! A connection to an upstream between two requests: a socket, a buffer, and a clock.

use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::{Instant, Sleep, sleep_until};

/// Room that a read begins with, in bytes: a response of an API with its head.
const FIRST_ROOM: usize = 4 * 1024;
/// The most room for one read: what passes faster is read in several.
const MOST_ROOM: usize = 128 * 1024;

#[derive(Debug)]
pub(super) enum Stream {
    Whole(TcpStream),
    /// Somebody else writes the rest of a request whose response has begun.
    Reading(OwnedReadHalf),
    /// Between the two.
    Gone,
}

#[derive(Debug)]
pub(crate) struct Link {
    pub(super) stream: Stream,
    /// What came and was not looked at.
    pub(super) inbox: BytesMut,
    /// Where requests are put together.
    pub(super) room_to_write: Vec<u8>,
    room_to_read: usize,
    alarm: Alarm,
}

impl Link {
    pub(crate) async fn open(address: SocketAddr) -> io::Result<Link> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Link {
            stream: Stream::Whole(stream),
            inbox: BytesMut::new(),
            room_to_write: Vec::new(),
            room_to_read: FIRST_ROOM,
            alarm: Alarm::default(),
        })
    }

    /// Whether it is open, and silent as it has to be before it is asked. Costs a system call only if something has happened.
    pub(crate) fn is_ready(&self) -> bool {
        let mut one = [0];
        match &self.stream {
            Stream::Whole(stream) => {
                matches!(stream.try_read(&mut one), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
            }
            Stream::Reading(_) | Stream::Gone => false,
        }
    }

    /// Hands the writing over to somebody else. The connection carries no other request after that.
    pub(super) fn split(&mut self) -> Option<OwnedWriteHalf> {
        match std::mem::replace(&mut self.stream, Stream::Gone) {
            Stream::Whole(stream) => {
                let (read, write) = stream.into_split();
                self.stream = Stream::Reading(read);
                Some(write)
            }
            half @ (Stream::Reading(_) | Stream::Gone) => {
                self.stream = half;
                None
            }
        }
    }

    /// Gives up the room that a large response took.
    pub(super) fn rest(&mut self) {
        if self.room_to_read > FIRST_ROOM {
            self.room_to_read = FIRST_ROOM;
            self.inbox = BytesMut::new();
        }
    }

    /// Reads what is there behind what came before. `Ready(Ok(0))` is the end.
    ///
    /// By `poll_read`, which notes when it has read all there was: looking whether the connection is silent then costs nothing.
    pub(super) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.inbox.reserve(self.room_to_read);
        let room = self.inbox.capacity() - self.inbox.len();
        let read = match &mut self.stream {
            Stream::Whole(stream) => ready!(pin!(stream.read_buf(&mut self.inbox)).poll(cx)),
            Stream::Reading(stream) => ready!(pin!(stream.read_buf(&mut self.inbox)).poll(cx)),
            Stream::Gone => Ok(0),
        };
        if read.as_ref().is_ok_and(|&read| read == room) {
            self.room_to_read = (self.room_to_read * 2).min(MOST_ROOM);
        }
        Poll::Ready(read)
    }

    /// Ready when it is later than `due`.
    pub(super) fn poll_due(&mut self, due: Instant, cx: &mut Context<'_>) -> Poll<()> {
        self.alarm.poll(due, cx)
    }
}

/// A timer that is set anew as seldom as possible. Nearly every request ends long before it is due, so the alarm of an earlier one is left
/// standing: it rings too early, once in the time of many requests, and is put on then.
#[derive(Debug, Default)]
struct Alarm(Option<(Instant, Pin<Box<Sleep>>)>);

impl Alarm {
    fn poll(&mut self, due: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let (set, sleep) = self.0.get_or_insert_with(|| (due, Box::pin(sleep_until(due))));
        if *set > due {
            *set = due;
            sleep.as_mut().reset(due);
        }
        loop {
            ready!(sleep.as_mut().poll(cx));
            if *set >= due {
                return Poll::Ready(());
            }
            *set = due;
            sleep.as_mut().reset(due);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_alarm_rings_when_the_last_one_who_set_it_is_due() {
        let began = Instant::now();
        let mut alarm = Alarm::default();
        for seconds in [5, 30, 7] {
            let due = began + Duration::from_secs(seconds);
            let now = poll_fn(|cx| Poll::Ready(alarm.poll(due, cx))).await;
            assert!(now.is_pending());
        }
        let due = began + Duration::from_secs(9);
        poll_fn(|cx| alarm.poll(due, cx)).await;
        assert_eq!(began.elapsed().as_secs(), 9);
    }
}
