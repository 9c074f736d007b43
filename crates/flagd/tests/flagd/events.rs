//! `EventStream`, which is the same in v1 and v2.

use crate::client::{Empty, Event, Value};
use crate::world::World;
use std::collections::BTreeMap;

const STREAMS: [&str; 2] = ["/flagd.evaluation.v1.Service/EventStream", "/flagd.evaluation.v2.Service/EventStream"];

const TWO: &str = r#"{"a":{"state":"ENABLED","variants":{"on":true},"defaultVariant":"on"},
    "b":{"state":"ENABLED","variants":{"on":true},"defaultVariant":"on"}}"#;
const OTHER_TWO: &str = r#"{"b":{"state":"DISABLED","variants":{"on":true},"defaultVariant":"on"},
    "c":{"state":"ENABLED","variants":{"on":true},"defaultVariant":"on"}}"#;

/// The flags that an event names, with what happened to them.
fn named(event: &Event) -> BTreeMap<&str, &str> {
    let flags = event.data.as_ref().and_then(|data| data.fields.get("flags")?.fields.as_ref()).unwrap();
    let what = |flag: &Value| flag.fields.as_ref().and_then(|fields| fields.fields.get("type")).cloned();
    let words = ["write", "update", "delete"];
    let word = |flag: &Value| words.into_iter().find(|word| what(flag) == Some(Value::of_text(word)));
    flags.fields.iter().map(|(key, flag)| (key.as_str(), word(flag).unwrap())).collect()
}

#[tokio::test]
async fn the_server_is_ready_and_what_a_client_kept_is_to_be_asked_again() {
    let world = World::new(TWO).await;
    for path in STREAMS {
        let mut stream = world.evaluator().await.listen::<_, Event>(path, Empty {}).await.unwrap();
        let ready = stream.next().await;
        assert_eq!((ready.name.as_str(), ready.data), ("provider_ready", None));
        let change = stream.next().await;
        assert_eq!(change.name, "configuration_change");
        assert_eq!(named(&change), [("a", "update"), ("b", "update")].into());
        assert!(stream.is_silent().await);
    }
}

#[tokio::test]
async fn a_change_names_the_flags_that_differ_for_everybody_who_listens() {
    let world = World::new(TWO).await;
    let mut streams = Vec::new();
    for path in STREAMS.into_iter().cycle().take(6) {
        let mut stream = world.evaluator().await.listen::<_, Event>(path, Empty {}).await.unwrap();
        (stream.next().await, stream.next().await);
        streams.push(stream);
    }
    world.channels.publish("production", OTHER_TWO);
    for stream in &mut streams {
        let change = stream.next().await;
        assert_eq!(change.name, "configuration_change");
        assert_eq!(named(&change), [("a", "delete"), ("b", "update"), ("c", "write")].into());
    }
    // What is as it was is no change, even where the revision is another.
    world.channels.publish("production", OTHER_TWO);
    for stream in &mut streams {
        assert!(stream.is_silent().await);
    }
}

#[tokio::test]
async fn a_server_that_stops_says_so() {
    let mut world = World::new("{}").await;
    let mut stream = world.evaluator().await.listen::<_, Event>(STREAMS[1], Empty {}).await.unwrap();
    assert_eq!(stream.next().await.name, "provider_ready");
    let stopped = world.stop();
    assert_eq!(stream.next().await.name, "provider_shutdown");
    assert!(stream.last().await.is_none());
    tokio::time::timeout(crate::client::SOON, stopped).await.unwrap();
}
