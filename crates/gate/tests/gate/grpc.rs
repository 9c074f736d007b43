//! gRPC through the gate, with the client and the server of tonic: every kind of call, and what is counted of them.

use std::convert::Infallible;
use std::net::SocketAddr;

use futures_util::{Stream, StreamExt, stream};
use gate::wire::{ServiceOrder, UpstreamProtocol};
use hyper::http::uri::PathAndQuery;
use tokio_stream::wrappers::ReceiverStream;
use tonic::body::Body;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Code, Request, Response, Status, Streaming};
use tower::service_fn;

use crate::world::{Running, TempDir, Upstream, order};

/// Messages are text: no generated code stands between the test and the protocol.
#[derive(Clone, Copy, Default)]
struct Text;

impl Codec for Text {
    type Encode = String;
    type Decode = String;
    type Encoder = Text;
    type Decoder = Text;

    fn encoder(&mut self) -> Text {
        Text
    }

    fn decoder(&mut self) -> Text {
        Text
    }
}

impl Encoder for Text {
    type Item = String;
    type Error = Status;

    fn encode(&mut self, item: String, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        bytes::BufMut::put_slice(buffer, item.as_bytes());
        Ok(())
    }
}

impl Decoder for Text {
    type Item = String;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<String>, Status> {
        let length = bytes::Buf::remaining(buffer);
        let bytes = bytes::Buf::copy_to_bytes(buffer, length);
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }
}

/// `/One` says hello, or fails as it is told; `/Many` counts, and breaks if it is told; `/Sum` adds up; `/Echo` answers each message.
async fn call(request: hyper::Request<Body>) -> Result<hyper::Response<Body>, Infallible> {
    let mut grpc = tonic::server::Grpc::new(Text);
    let path = request.uri().path().to_owned();
    Ok(match path.as_str() {
        "/test/One" => grpc.unary(service_fn(one), request).await,
        "/test/Many" => grpc.server_streaming(service_fn(many), request).await,
        "/test/Sum" => grpc.client_streaming(service_fn(sum), request).await,
        _ => grpc.streaming(service_fn(echo), request).await,
    })
}

async fn one(request: Request<String>) -> Result<Response<String>, Status> {
    match request.get_ref().as_str() {
        "fail" => Err(Status::internal("as you wished")),
        "miss" => Err(Status::not_found("nothing there")),
        name => Ok(Response::new(format!("hello {name}"))),
    }
}

async fn many(request: Request<String>) -> Result<Response<impl Stream<Item = Result<String, Status>>>, Status> {
    let last = if request.get_ref() == "break" { Err(Status::data_loss("gone")) } else { Ok("end".to_owned()) };
    Ok(Response::new(stream::iter((0..100).map(|number| Ok(number.to_string())).chain([last]))))
}

async fn sum(request: Request<Streaming<String>>) -> Result<Response<String>, Status> {
    let mut numbers = request.into_inner();
    let mut sum = 0_u64;
    while let Some(number) = numbers.message().await? {
        sum += number.parse::<u64>().unwrap();
    }
    Ok(Response::new(sum.to_string()))
}

async fn echo(
    request: Request<Streaming<String>>,
) -> Result<Response<impl Stream<Item = Result<String, Status>>>, Status> {
    Ok(Response::new(request.into_inner().map(|message| message.map(|text| format!("{text}!")))))
}

async fn server() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
    tokio::spawn(Server::builder().serve_with_incoming(service_fn(call), incoming));
    address
}

struct Scene {
    gate: Running,
    order: ServiceOrder,
    client: tonic::client::Grpc<Channel>,
    _dir: TempDir,
}

/// Everybody on a canary that speaks gRPC.
async fn scene() -> Scene {
    let (dir, stable) = (TempDir::new(), Upstream::nobody().await);
    let gate = Running::start(dir.path()).await;
    let canary = gate::wire::UpstreamOrder::Address(gate::wire::AddressOrder::new(server().await));
    let mut order = order((&stable).into(), canary, 1_000_000);
    order.versions[1].protocol = UpstreamProtocol::H2c;
    let address = gate.serve("shop", &order).await;
    let channel = Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap();
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await.unwrap();
    Scene { gate, order, client, _dir: dir }
}

fn path(name: &'static str) -> PathAndQuery {
    PathAndQuery::from_static(name)
}

#[tokio::test]
async fn every_kind_of_call_passes_through() {
    let mut scene = scene().await;
    let client = &mut scene.client;
    let one = client.unary(Request::new("ann".to_owned()), path("/test/One"), Text).await.unwrap();
    assert_eq!(one.metadata().get("x-tidegate-arm").unwrap(), "canary");
    assert_eq!(one.into_inner(), "hello ann");

    client.ready().await.unwrap();
    let many = client.server_streaming(Request::new(String::new()), path("/test/Many"), Text).await.unwrap();
    let many: Vec<String> = many.into_inner().map(|message| message.unwrap()).collect().await;
    assert_eq!((many.len(), many[99].as_str(), many[100].as_str()), (101, "99", "end"));

    client.ready().await.unwrap();
    let numbers = stream::iter((1..=1_000).map(|number| number.to_string()));
    let sum = client.client_streaming(Request::new(numbers), path("/test/Sum"), Text).await.unwrap();
    assert_eq!(sum.into_inner(), "500500");
}

#[tokio::test]
async fn both_sides_stream_at_the_same_time() {
    let mut scene = scene().await;
    let client = &mut scene.client;
    let (say, said) = tokio::sync::mpsc::channel(1);
    say.send("0".to_owned()).await.unwrap();
    let messages = Request::new(ReceiverStream::new(said));
    let mut answers = client.streaming(messages, path("/test/Echo"), Text).await.unwrap().into_inner();
    for turn in 0..50 {
        assert_eq!(answers.message().await.unwrap().unwrap(), format!("{turn}!"));
        say.send((turn + 1).to_string()).await.unwrap();
    }
    drop(say);
    assert_eq!(answers.message().await.unwrap().unwrap(), "50!");
    assert!(answers.message().await.unwrap().is_none());
}

#[tokio::test]
async fn what_a_call_says_at_its_end_arrives_and_is_what_counts() {
    let mut scene = scene().await;
    let client = &mut scene.client;
    for (message, code) in [("ann", None), ("miss", Some(Code::NotFound)), ("fail", Some(Code::Internal))] {
        client.ready().await.unwrap();
        let answer = client.unary(Request::new(message.to_owned()), path("/test/One"), Text).await;
        assert_eq!(answer.err().map(|status| status.code()), code, "{message}");
    }
    client.ready().await.unwrap();
    let broken = client.server_streaming(Request::new("break".to_owned()), path("/test/Many"), Text).await.unwrap();
    let mut broken = broken.into_inner();
    let mut messages = 0;
    let status = loop {
        match broken.message().await {
            Ok(message) => messages += usize::from(message.is_some()),
            Err(status) => break status,
        }
    };
    assert_eq!((messages, status.code(), status.message()), (100, Code::DataLoss, "gone"));
    scene.order.generation = 2;
    scene.gate.serve("shop", &scene.order).await;
    let block = scene.gate.blocks("shop", 0).await.blocks.remove(0);
    assert_eq!((block.canary.requests, block.canary.errors, block.canary.truncated), (4, 2, 0), "{block:?}");
}

#[tokio::test]
async fn an_instance_whose_calls_fail_at_their_end_gets_none_for_a_while() {
    let mut scene = scene().await;
    let (one, other) = (server().await, server().await);
    let mut servers = gate::wire::AddressOrder::new(one);
    servers.others = vec![other];
    scene.order.versions[1].upstream = gate::wire::UpstreamOrder::Address(servers);
    scene.order.generation = 2;
    scene.gate.serve("shop", &scene.order).await;
    let ejected = async |gate: &Running| {
        let versions = gate.service("shop").await.versions;
        let canary = versions.into_iter().find(|one| one.version == "1.1").unwrap();
        canary.instances.iter().filter(|one| one.ejected).count()
    };
    let broken = async |client: &mut tonic::client::Grpc<Channel>| {
        client.ready().await.unwrap();
        let answer = client.server_streaming(Request::new("break".to_owned()), path("/test/Many"), Text).await.unwrap();
        answer.into_inner().collect::<Vec<_>>().await;
    };
    crate::world::until("instances to be ejected", async || {
        broken(&mut scene.client).await;
        (ejected(&scene.gate).await == 2).then_some(())
    })
    .await;
    // One good answer makes up for it; the last one is never passed over.
    crate::world::until("one to be back", async || {
        scene.client.ready().await.unwrap();
        scene.client.unary(Request::new("ann".to_owned()), path("/test/One"), Text).await.unwrap();
        (ejected(&scene.gate).await < 2).then_some(())
    })
    .await;
}

#[tokio::test]
async fn many_calls_at_a_time_share_few_connections() {
    let scene = scene().await;
    let calls = (0..500).map(|number: u32| {
        let mut client = scene.client.clone();
        async move {
            client.ready().await.unwrap();
            let answer = client.unary(Request::new(number.to_string()), path("/test/One"), Text).await.unwrap();
            assert_eq!(answer.into_inner(), format!("hello {number}"));
        }
    });
    futures_util::future::join_all(calls).await;
}

#[tokio::test]
async fn a_server_that_speaks_nothing_but_http_2_is_asked_how_it_is_in_http_2() {
    let upstream = Upstream::handling(|stream| async move {
        let answer = hyper::service::service_fn(async |request: hyper::Request<hyper::body::Incoming>| {
            let text = format!("{:?} {}", request.version(), request.uri());
            Ok::<_, Infallible>(hyper::Response::new(http_body_util::Full::<bytes::Bytes>::from(text)))
        });
        let (executor, stream) = (hyper_util::rt::TokioExecutor::new(), hyper_util::rt::TokioIo::new(stream));
        let _ = hyper::server::conn::http2::Builder::new(executor).serve_connection(stream, answer).await;
    })
    .await;
    let (dir, nobody) = (TempDir::new(), Upstream::nobody().await);
    let gate = Running::start(dir.path()).await;
    let mut server = gate::wire::AddressOrder::new(upstream.address());
    (server.health_path, server.health_interval_ms) = (Some("/health".into()), 20);
    let mut order = order((&nobody).into(), gate::wire::UpstreamOrder::Address(server), 1_000_000);
    order.versions[1].protocol = UpstreamProtocol::H2c;
    let address = gate.serve("shop", &order).await;
    gate.is("shop", "1.1", gate::wire::VersionState::Healthy).await;
    // Users may speak what they like.
    let answer = crate::world::Client::connect(address).await.get("/a?b", "ann").await;
    assert_eq!(answer.body, "HTTP/2.0 http://shop.example/a?b");
}
