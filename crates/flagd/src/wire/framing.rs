//! Messages as bodies of HTTP/2: five bytes of head before each, and a status in the trailers after the last.
//!
//! Requests are taken apart by tonic. Responses are put together here, because tonic copies a message into each stream's own
//! buffer: ten thousand streams that are told of a change in a document of 200 kB would hold 2 GB of copies of it. A frame made
//! here is counted references to one copy, however many streams it goes to.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use http_body_util::StreamBody;
use hyper::body::Frame;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Response};
use prost::Message;
use std::marker::PhantomData;
use std::time::Duration;
use tonic::body::Body;
use tonic::codec::{DecodeBuf, Decoder, Streaming};
use tonic::{Code, Status};

/// A flag of compression, and a length.
const HEAD: usize = 5;
/// A request that has not arrived whole by then does not come from a client that wants an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The one message of a request.
pub(crate) async fn read<M: Message + Default + 'static>(body: Body, most: usize) -> Result<M, Status> {
    let mut messages = Streaming::new_request(OfMessage(PhantomData), body, None, Some(most));
    match tokio::time::timeout(PATIENCE, messages.message()).await {
        Ok(Ok(Some(message))) => Ok(message),
        Ok(Ok(None)) => Err(Status::invalid_argument("the request has no message")),
        // What tonic calls out of range is called exhausted by every other server, and by clients that act on it.
        Ok(Err(status)) if status.code() == Code::OutOfRange => {
            Err(Status::resource_exhausted(format!("a request has at most {most} bytes")))
        }
        Ok(Err(status)) => Err(status),
        Err(_) => Err(Status::deadline_exceeded("the request did not arrive whole")),
    }
}

/// A message with its head.
pub(crate) fn frame(message: &impl Message) -> Bytes {
    let mut frame = head(message.encoded_len());
    message.encode_raw(&mut frame);
    frame.freeze()
}

/// The same, of a message that is in bytes already.
pub(crate) fn framed(message: &[u8]) -> Bytes {
    let mut frame = head(message.len());
    frame.put_slice(message);
    frame.freeze()
}

/// What follows the head.
pub(crate) fn message(frame: &[u8]) -> &[u8] {
    frame.get(HEAD..).unwrap_or_default()
}

/// The response that has one message, or none and a status.
pub(crate) fn once(answer: Result<Bytes, Status>) -> Response<Body> {
    match answer {
        Ok(frame) => stream(futures_util::stream::iter([Ok(frame)])),
        Err(status) => status.into_http(),
    }
}

/// The response that has many; it ends well, or with the first status that is not.
pub(crate) fn stream(frames: impl Stream<Item = Result<Bytes, Status>> + Send + 'static) -> Response<Body> {
    let last = futures_util::stream::once(async { Err(Status::new(Code::Ok, "")) });
    let frames = frames.chain(last).scan(false, |over, item| {
        let before = std::mem::replace(over, item.is_err());
        std::future::ready((!before).then_some(item))
    });
    let frames = frames.map(|item| {
        Ok::<_, Status>(match item {
            Ok(frame) => Frame::data(frame),
            Err(status) => Frame::trailers(trailers(&status)),
        })
    });
    let mut response = Response::new(Body::new(StreamBody::new(frames)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    response
}

fn head(length: usize) -> BytesMut {
    let mut frame = BytesMut::with_capacity(HEAD + length);
    frame.put_u8(0);
    // Every message is made by us and far below this; a longer one would be a wrong length, which clients refuse.
    frame.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
    frame
}

fn trailers(status: &Status) -> HeaderMap {
    let mut trailers = HeaderMap::with_capacity(2);
    if let Err(unspeakable) = status.add_header(&mut trailers) {
        tracing::error!(%unspeakable, "a status of our own cannot be said in trailers");
    }
    trailers
}

/// Takes a message from what tonic received.
struct OfMessage<M>(PhantomData<M>);

impl<M: Message + Default> Decoder for OfMessage<M> {
    type Item = M;
    type Error = Status;

    fn decode(&mut self, source: &mut DecodeBuf<'_>) -> Result<Option<M>, Status> {
        let bytes = source.copy_to_bytes(source.remaining());
        M::decode(bytes).map(Some).map_err(|_| Status::invalid_argument("the request is no such message"))
    }
}
