//! What is too much, and what clients do that other servers punish.

use crate::client::{Boolean, Client, ResolveRequest, Struct, SyncRequest, SyncResponse, Value};
use crate::world::{READS, SYNC_FLAGS, World};
use flagd::{Edition, MOST_BYTES, TooLarge, context_of};
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

#[tokio::test]
async fn a_context_of_many_levels_is_refused_and_not_followed_down() {
    let world = World::new("{}").await;
    let mut value = Value::text("x");
    for _ in 0..5_000 {
        let fields = [("a".to_owned(), value)].into();
        value = Value { fields: Some(Struct { fields }), ..Value::default() };
    }
    let context = Struct { fields: [("deep".to_owned(), value)].into() };
    let request = ResolveRequest { flag_key: "a".to_owned(), context: Some(context) };
    let refused = world.evaluator().await.ask::<_, Boolean>(RESOLVE, request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
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
