//! A client: messages as flagd's protocol files have them, and calls with headers.

use bytes::Buf;
use futures_util::StreamExt;
use hyper::http::uri::PathAndQuery;
use prost::Message;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::time::Duration;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status, Streaming};

/// Nothing takes longer than this that works.
pub(crate) const SOON: Duration = Duration::from_secs(5);

#[derive(Clone, PartialEq, Message)]
pub(crate) struct SyncRequest {
    #[prost(string, tag = "1")]
    pub(crate) provider_id: String,
    #[prost(string, tag = "2")]
    pub(crate) selector: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct SyncResponse {
    #[prost(string, tag = "1")]
    pub(crate) flag_configuration: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) sync_context: Option<Struct>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ResolveRequest {
    #[prost(string, tag = "1")]
    pub(crate) flag_key: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) context: Option<Struct>,
}

/// Responses of v2, and of v1 where what is absent reads as its zero.
macro_rules! responses {
    ($($name:ident { $kind:ident $type:ty })*) => {$(
        #[derive(Clone, PartialEq, Message)]
        pub(crate) struct $name {
            #[prost($kind, optional, tag = "1")]
            pub(crate) value: Option<$type>,
            #[prost(string, tag = "2")]
            pub(crate) reason: String,
            #[prost(string, optional, tag = "3")]
            pub(crate) variant: Option<String>,
            #[prost(message, optional, tag = "4")]
            pub(crate) metadata: Option<Struct>,
        }
    )*};
}

responses! {
    Boolean { bool bool }
    Text { string String }
    Double { double f64 }
    Integer { int64 i64 }
    Object { message Struct }
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct AllRequest {
    #[prost(message, optional, tag = "1")]
    pub(crate) context: Option<Struct>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct AllResponse {
    #[prost(btree_map = "string, message", tag = "1")]
    pub(crate) flags: BTreeMap<String, AnyFlag>,
    #[prost(message, optional, tag = "2")]
    pub(crate) metadata: Option<Struct>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct AnyFlag {
    #[prost(string, tag = "1")]
    pub(crate) reason: String,
    #[prost(string, tag = "2")]
    pub(crate) variant: String,
    #[prost(bool, optional, tag = "3")]
    pub(crate) bool: Option<bool>,
    #[prost(string, optional, tag = "4")]
    pub(crate) text: Option<String>,
    #[prost(double, optional, tag = "5")]
    pub(crate) double: Option<f64>,
    #[prost(message, optional, tag = "6")]
    pub(crate) object: Option<Struct>,
    #[prost(message, optional, tag = "7")]
    pub(crate) metadata: Option<Struct>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Empty {}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Event {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) data: Option<Struct>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct HealthRequest {
    #[prost(string, tag = "1")]
    pub(crate) service: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct HealthResponse {
    #[prost(int32, tag = "1")]
    pub(crate) status: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Struct {
    #[prost(btree_map = "string, message", tag = "1")]
    pub(crate) fields: BTreeMap<String, Value>,
}

/// One of these is there.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Value {
    #[prost(double, optional, tag = "2")]
    pub(crate) number: Option<f64>,
    #[prost(string, optional, tag = "3")]
    pub(crate) text: Option<String>,
    #[prost(bool, optional, tag = "4")]
    pub(crate) bool: Option<bool>,
    #[prost(message, optional, tag = "5")]
    pub(crate) fields: Option<Struct>,
    #[prost(message, optional, tag = "6")]
    pub(crate) list: Option<List>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct List {
    #[prost(message, repeated, tag = "1")]
    pub(crate) values: Vec<Value>,
}

impl Struct {
    pub(crate) fn texts<const N: usize>(entries: [(&str, &str); N]) -> Self {
        Self { fields: entries.map(|(name, text)| (name.to_owned(), Value::of_text(text))).into() }
    }
}

impl Value {
    pub(crate) fn of_text(text: &str) -> Self {
        Self { text: Some(text.to_owned()), ..Self::default() }
    }
}

/// A connection with the headers that its calls carry.
pub(crate) struct Client {
    channel: Channel,
    headers: Vec<(&'static str, String)>,
}

impl Client {
    pub(crate) async fn to(address: SocketAddr) -> Self {
        Self::with(Endpoint::from_shared(format!("http://{address}")).unwrap()).await
    }

    pub(crate) async fn with(endpoint: Endpoint) -> Self {
        Self { channel: endpoint.connect().await.unwrap(), headers: Vec::new() }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) async fn ask<Q, A>(&self, path: &'static str, message: Q) -> Result<A, Status>
    where
        Q: Message + 'static,
        A: Message + Default + 'static,
    {
        let mut grpc = tonic::client::Grpc::new(self.channel.clone());
        grpc.ready().await.unwrap();
        let call = grpc.unary(self.request(message), PathAndQuery::from_static(path), Proto::default());
        tokio::time::timeout(SOON, call).await.unwrap().map(tonic::Response::into_inner)
    }

    pub(crate) async fn listen<Q, A>(&self, path: &'static str, message: Q) -> Result<Stream<A>, Status>
    where
        Q: Message + 'static,
        A: Message + Default + 'static,
    {
        let mut grpc = tonic::client::Grpc::new(self.channel.clone());
        grpc.ready().await.unwrap();
        let call = grpc.server_streaming(self.request(message), PathAndQuery::from_static(path), Proto::default());
        Ok(Stream(tokio::time::timeout(SOON, call).await.unwrap()?.into_inner()))
    }

    fn request<Q>(&self, message: Q) -> Request<Q> {
        let mut request = Request::new(message);
        for (name, value) in &self.headers {
            request.metadata_mut().insert(*name, value.parse().unwrap());
        }
        request
    }
}

pub(crate) struct Stream<A>(Streaming<A>);

impl<A> Stream<A> {
    /// The next message, which comes soon.
    pub(crate) async fn next(&mut self) -> A {
        self.last().await.unwrap().unwrap()
    }

    /// The next message or the end, which comes soon.
    pub(crate) async fn last(&mut self) -> Option<Result<A, Status>> {
        tokio::time::timeout(SOON, self.0.next()).await.unwrap()
    }

    pub(crate) async fn is_silent(&mut self) -> bool {
        tokio::time::timeout(Duration::from_millis(100), self.0.next()).await.is_err()
    }
}

struct Proto<Q, A>(PhantomData<(Q, A)>);

impl<Q, A> Default for Proto<Q, A> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<Q: Message + 'static, A: Message + Default + 'static> Codec for Proto<Q, A> {
    type Encode = Q;
    type Decode = A;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self::default()
    }

    fn decoder(&mut self) -> Self {
        Self::default()
    }
}

impl<Q: Message, A> Encoder for Proto<Q, A> {
    type Item = Q;
    type Error = Status;

    fn encode(&mut self, message: Q, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        message.encode(to).map_err(|error| Status::internal(error.to_string()))
    }
}

impl<Q, A: Message + Default> Decoder for Proto<Q, A> {
    type Item = A;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<A>, Status> {
        let bytes = from.copy_to_bytes(from.remaining());
        A::decode(bytes).map(Some).map_err(|error| Status::internal(error.to_string()))
    }
}
