//! What is too much, and what clients do that other servers punish.

use crate::client::{Boolean, Client, ResolveRequest, Struct, SyncRequest, SyncResponse};
use crate::world::{READS, SYNC_FLAGS, World};
use flagd::{Edition, MOST_BYTES, TooLarge, context_of};
use prost::Message;
use std::time::Duration;
use tonic::Code;
use tonic::transport::Endpoint;

const RESOLVE: &str = "/flagd.evaluation.v2.Service/ResolveBoolean";

fn with_text(bytes: usize) -> ResolveRequest {
    ResolveRequest { flag_key: "a".to_owned(), context: Some(Struct::texts([("text", &*"x".repeat(bytes))])) }
}

#[tokio::test]
async fn a_context_has_at_most_a_million_bytes() {
    let world = World::new(r#"{"a":{"state":"ENABLED","variants":{"on":true},"defaultVariant":"on"}}"#).await;
    let client = world.evaluator().await;
    let answer = client.ask::<_, Boolean>(RESOLVE, with_text(999_900)).await.unwrap();
    assert_eq!(answer.value, Some(true));
    let refused = client.ask::<_, Boolean>(RESOLVE, with_text(1_000_000)).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    // The connection is none the worse.
    assert_eq!(client.ask::<_, Boolean>(RESOLVE, with_text(1)).await.unwrap().value, Some(true));
}

/// A request whose context is bytes: one that says as deep as this cannot be put together by what follows it down.
#[derive(Clone, PartialEq, Message)]
struct Unread {
    #[prost(string, tag = "1")]
    flag_key: String,
    #[prost(bytes = "vec", tag = "2")]
    context: Vec<u8>,
}

/// A member called `a` whose value is a struct with a member called `a`, and so on.
fn nested(levels: usize) -> Vec<u8> {
    let field = |tag: u8, inner: &[u8]| {
        let mut field = vec![tag << 3 | 2];
        prost::encode_length_delimiter(inner.len(), &mut field).unwrap();
        [&field[..], inner].concat()
    };
    (0..levels).fold(Vec::new(), |inner, _| {
        let value = field(5, &inner);
        field(1, &[field(1, b"a"), field(2, &value)].concat())
    })
}

#[tokio::test]
async fn a_context_of_many_levels_is_refused_and_not_followed_down() {
    let world = World::new("{}").await;
    let client = world.evaluator().await;
    let request = |levels| Unread { flag_key: "a".to_owned(), context: nested(levels) };
    for levels in [100, 20_000] {
        let refused = client.ask::<_, Boolean>(RESOLVE, request(levels)).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{levels}");
    }
    assert_eq!(client.ask::<_, Boolean>(RESOLVE, request(20)).await.unwrap_err().code(), Code::NotFound, "it is read");
}

#[test]
fn a_document_that_clients_could_not_take_is_never_published() {
    let context = context_of("production");
    let longest =
        (MOST_BYTES - 300..MOST_BYTES).rev().find(|length| Edition::fits(&"x".repeat(*length), &context).is_ok());
    let longest = longest.unwrap();
    assert!(longest > MOST_BYTES - 200, "{longest}");
    assert_eq!(Edition::fits(&"x".repeat(longest + 1), &context), Err(TooLarge { bytes: MOST_BYTES + 1 }));
}

#[tokio::test]
async fn the_longest_document_arrives() {
    let room = "x".repeat(MOST_BYTES - 300);
    let world = World::new("{}").await;
    let flags = format!(r#"{{"a":{{"state":"ENABLED","variants":{{"on":"{room}"}},"defaultVariant":"on"}}}}"#);
    world.channels.publish("production", &flags);
    let mut stream = world.reader().await.listen(SYNC_FLAGS, SyncRequest::default()).await.unwrap();
    let first: SyncResponse = stream.next().await;
    assert!(first.flag_configuration.len() > room.len());
}

#[tokio::test]
async fn a_client_may_ping_as_often_as_it_likes() {
    let world = World::new("{}").await;
    let pinging = Endpoint::from_shared(format!("http://{}", world.sync))
        .unwrap()
        .http2_keep_alive_interval(Duration::from_millis(20))
        .keep_alive_timeout(Duration::from_secs(2))
        .keep_alive_while_idle(true);
    let client = Client::with(pinging).await.header("x-api-key", READS);
    let mut stream = client.listen::<_, SyncResponse>(SYNC_FLAGS, SyncRequest::default()).await.unwrap();
    stream.next().await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    world.channels.publish("production", r#"{"a":{"state":"DISABLED","variants":{"on":true}}}"#);
    assert!(stream.next().await.flag_configuration.contains("DISABLED"), "the stream lives after fifty pings");
}
