//! The first bytes of a connection, which tell HTTP/1 from HTTP/2.
//!
//! They are read here, and not by hyper's own detection, because that one waits without a limit: somebody who connects and says
//! nothing, or half of a preface, would keep a connection for ever.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

/// What every HTTP/2 client says first (RFC 9113, section 3.4).
const HTTP_2: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

/// Reads what it takes to know the protocol, and gives it back in front of the rest. `None` if nothing came before the end.
pub(crate) async fn detect<S: AsyncRead + Unpin>(mut stream: S) -> io::Result<Option<(Protocol, Begun<S>)>> {
    let mut said = [0; HTTP_2.len()];
    let mut length = 0;
    while length < HTTP_2.len() && said[..length] == HTTP_2[..length] {
        match stream.read(&mut said[length..]).await? {
            0 => break,
            read => length += read,
        }
    }
    let protocol = if length == HTTP_2.len() && &said == HTTP_2 { Protocol::Http2 } else { Protocol::Http1 };
    Ok((length > 0).then_some((protocol, Begun { said, given: 0, length, stream })))
}

/// A stream whose first bytes were read already.
#[derive(Debug)]
pub(crate) struct Begun<S> {
    said: [u8; HTTP_2.len()],
    given: usize,
    length: usize,
    stream: S,
}

impl<S: AsyncRead + Unpin> AsyncRead for Begun<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.given == this.length {
            return Pin::new(&mut this.stream).poll_read(cx, buffer);
        }
        let end = this.length.min(this.given + buffer.remaining());
        buffer.put_slice(&this.said[this.given..end]);
        this.given = end;
        // With what has come since: a reader that gets the first words alone asks for more room for the others.
        match Pin::new(&mut this.stream).poll_read(cx, buffer) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Ready(Ok(())),
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Begun<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// What is made of a client that says `pieces`, one after the other, and hangs up; and what is left to be read.
    async fn detected(pieces: &[&[u8]]) -> Option<(Protocol, Vec<u8>)> {
        let (mut client, gate) = tokio::io::duplex(5);
        let pieces: Vec<Vec<u8>> = pieces.iter().map(|piece| piece.to_vec()).collect();
        let client = tokio::spawn(async move {
            for piece in pieces {
                client.write_all(&piece).await.unwrap();
            }
        });
        let (protocol, mut begun) = detect(gate).await.unwrap()?;
        let mut all = Vec::new();
        begun.read_to_end(&mut all).await.unwrap();
        client.await.unwrap();
        Some((protocol, all))
    }

    #[tokio::test]
    async fn the_preface_tells_the_protocol_and_nothing_is_lost() {
        let http_2 = [&HTTP_2[..], b"\0\0\0\x04"].concat();
        assert_eq!(detected(&[&http_2]).await.unwrap(), (Protocol::Http2, http_2.clone()));
        assert_eq!(detected(&[&http_2[..1], &http_2[1..20], &http_2[20..]]).await.unwrap().0, Protocol::Http2);
        for other in ["GET / HTTP/1.1\r\n\r\n", "P", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r", "PRI * HTTP/1.1\r\n\r\n"] {
            assert_eq!(detected(&[other.as_bytes()]).await.unwrap(), (Protocol::Http1, other.as_bytes().to_vec()));
        }
        assert!(detected(&[]).await.is_none());
    }
}
