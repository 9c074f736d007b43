//! A connection whose other side may not make the gate wait for ever: who asks for much and reads nothing of it is hung up on.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// The most that is gathered before it is written, in bytes. A head and a small body, say: the system takes one piece at less cost
/// than two.
const SMALL: usize = 4 * 1024;

thread_local! {
    static GATHERED: RefCell<Vec<u8>> = RefCell::new(Vec::with_capacity(SMALL));
}

/// A stream on which no write waits longer than `patience` for the other side to take something.
#[derive(Debug)]
pub(crate) struct Patient<S> {
    stream: S,
    patience: Duration,
    /// When the write that waits has waited long enough. Made by the first one that waits, which most connections never see.
    due: Option<Pin<Box<Sleep>>>,
    waits: bool,
}

impl<S> Patient<S> {
    pub(crate) fn new(stream: S, patience: Duration) -> Self {
        Patient { stream, patience, due: None, waits: false }
    }

    fn judge<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waits = false;
            return written;
        }
        let deadline = Instant::now() + self.patience;
        let due = self.due.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if !self.waits {
            due.as_mut().reset(deadline);
            self.waits = true;
        }
        match due.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client reads nothing"))),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.judge(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let length: usize = slices.iter().map(|slice| slice.len()).sum();
        let written = if length <= SMALL {
            GATHERED.with_borrow_mut(|gathered| {
                gathered.clear();
                slices.iter().for_each(|slice| gathered.extend_from_slice(slice));
                Pin::new(&mut self.stream).poll_write(cx, gathered)
            })
        } else {
            Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
        };
        self.judge(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.judge(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_stops_is_given_up_and_a_slow_one_is_not() {
        let (mut client, gate) = tokio::io::duplex(10);
        let mut gate = Patient::new(gate, Duration::from_secs(60));
        let writing = tokio::spawn(async move {
            let slow = gate.write_all(&[7; 100]).await;
            (slow.is_ok(), gate.write_all(&[7; 100]).await)
        });
        for _ in 0..10 {
            tokio::time::sleep(Duration::from_secs(50)).await;
            client.read_exact(&mut [0; 10]).await.unwrap();
        }
        let (slow, stopped) = writing.await.unwrap();
        assert!(slow, "ten bytes in every fifty seconds are slow, and they move");
        assert_eq!(stopped.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
