//! Answers of `flagd.evaluation.v1` and `v2`, and where the two differ.

use crate::client::{
    AllRequest, AllResponse, AnyFlag, Boolean, Client, Double, Empty, Integer, List, Object, ResolveRequest, Struct,
    Text, Value,
};
use crate::world::World;
use tonic::Code;

const FLAGS: &str = r#"{
    "bool": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off", "metadata": {"owner": "team"}},
    "text": {"state": "ENABLED", "variants": {"hi": "hello"}, "defaultVariant": "hi"},
    "int": {"state": "ENABLED", "variants": {"ten": 10}, "defaultVariant": "ten"},
    "float": {"state": "ENABLED", "variants": {"half": 0.5}, "defaultVariant": "half"},
    "object": {"state": "ENABLED", "variants": {"it": {"a": [1, "b"]}}, "defaultVariant": "it"},
    "off": {"state": "DISABLED", "variants": {"on": true}, "defaultVariant": "on"},
    "code": {"state": "ENABLED", "variants": {"on": true}},
    "ruled": {"state": "ENABLED", "variants": {"yes": true, "no": false}, "defaultVariant": "no",
        "targeting": {"if": [{"==": [{"var": "targetingKey"}, "jack"]}, "yes", null]}},
    "deep": {"state": "ENABLED", "variants": {"yes": true, "no": false}, "defaultVariant": "no",
        "targeting": {"if": [{"in": ["b", {"var": "org.tags"}]}, "yes", null]}},
    "channel": {"state": "ENABLED", "variants": {"production": true}, "targeting": {"var": "channel"}},
    "lost": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on", "targeting": {"if": [true, "nowhere"]}},
    "broken": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on", "targeting": {"no_such_operator": [1]}}
}"#;

fn ask(flag_key: &str) -> ResolveRequest {
    ResolveRequest { flag_key: flag_key.to_owned(), context: None }
}

fn ask_for(flag_key: &str, context: Struct) -> ResolveRequest {
    ResolveRequest { flag_key: flag_key.to_owned(), context: Some(context) }
}

/// The same question to both versions.
macro_rules! both {
    ($client:expr, $method:literal, $question:expr) => {
        [
            $client.ask(concat!("/flagd.evaluation.v1.Service/", $method), $question).await,
            $client.ask(concat!("/flagd.evaluation.v2.Service/", $method), $question).await,
        ]
    };
}

#[tokio::test]
async fn each_type_has_its_method() {
    let world = World::new(FLAGS).await;
    let client = world.evaluator().await;
    for answer in both!(client, "ResolveBoolean", ask("bool")) {
        let wanted = Boolean {
            value: Some(false),
            reason: "STATIC".to_owned(),
            variant: Some("off".to_owned()),
            metadata: Some(Struct::texts([("owner", "team")])),
        };
        let answer: Boolean = answer.unwrap();
        assert_eq!(answer, wanted);
    }
    for answer in both!(client, "ResolveString", ask("text")) {
        let Text { value, .. } = answer.unwrap();
        assert_eq!(value.as_deref(), Some("hello"));
    }
    for answer in both!(client, "ResolveInt", ask("int")) {
        let Integer { value, .. } = answer.unwrap();
        assert_eq!(value, Some(10));
    }
    for (key, number) in [("float", 0.5), ("int", 10.0)] {
        for answer in both!(client, "ResolveFloat", ask(key)) {
            let Double { value, .. } = answer.unwrap();
            assert_eq!(value, Some(number));
        }
    }
    for answer in both!(client, "ResolveObject", ask("object")) {
        let Object { value, .. } = answer.unwrap();
        let values = vec![Value { number: Some(1.0), ..Value::default() }, Value::of_text("b")];
        let list = Value { list: Some(List { values }), ..Value::default() };
        assert_eq!(value.unwrap().fields, [("a".to_owned(), list)].into());
    }
}

#[tokio::test]
async fn another_type_is_a_mismatch_and_no_fraction_is_cut_off() {
    let world = World::new(FLAGS).await;
    let client = world.evaluator().await;
    let mut answers = Vec::new();
    answers.extend(both!(client, "ResolveBoolean", ask("text")).map(|answer: Result<Boolean, _>| answer.map(drop)));
    answers.extend(both!(client, "ResolveString", ask("int")).map(|answer: Result<Text, _>| answer.map(drop)));
    answers.extend(both!(client, "ResolveFloat", ask("bool")).map(|answer: Result<Double, _>| answer.map(drop)));
    answers.extend(both!(client, "ResolveInt", ask("float")).map(|answer: Result<Integer, _>| answer.map(drop)));
    answers.extend(both!(client, "ResolveObject", ask("int")).map(|answer: Result<Object, _>| answer.map(drop)));
    for answer in answers {
        assert_eq!(answer.unwrap_err().code(), Code::InvalidArgument);
    }
}

#[tokio::test]
async fn a_flag_that_leaves_it_to_the_code_has_no_value_in_v2_and_is_not_there_in_v1() {
    let world = World::new(FLAGS).await;
    let [v1, v2] = both!(world.evaluator().await, "ResolveBoolean", ask("code"));
    let Boolean { value, reason, variant, .. } = v2.unwrap();
    assert_eq!((value, reason.as_str(), variant), (None, "DEFAULT", None));
    let v1: Result<Boolean, _> = v1;
    assert_eq!(v1.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn a_flag_that_is_off_has_no_value_in_v2_and_its_zero_in_v1() {
    let world = World::new(FLAGS).await;
    for answer in both!(world.evaluator().await, "ResolveBoolean", ask("off")) {
        let Boolean { value, reason, variant, .. } = answer.unwrap();
        // What is absent reads as false where v1's messages are read.
        assert_eq!((value, reason.as_str(), variant), (None, "DISABLED", None));
    }
}

#[tokio::test]
async fn a_context_decides_and_what_the_channel_says_of_itself_wins() {
    let world = World::new(FLAGS).await;
    let client = world.evaluator().await;
    let jack = || Struct::texts([("targetingKey", "jack")]);
    for (context, wanted) in [(jack(), (true, "TARGETING_MATCH")), (Struct::default(), (false, "DEFAULT"))] {
        for answer in both!(client, "ResolveBoolean", ask_for("ruled", context.clone())) {
            let Boolean { value, reason, .. } = answer.unwrap();
            assert_eq!((value.unwrap(), reason.as_str()), wanted);
        }
    }
    let tags =
        Value { list: Some(List { values: vec![Value::of_text("a"), Value::of_text("b")] }), ..Value::default() };
    let org = Value { fields: Some(Struct { fields: [("tags".to_owned(), tags)].into() }), ..Value::default() };
    let nested = Struct { fields: [("org".to_owned(), org)].into() };
    for answer in both!(client, "ResolveBoolean", ask_for("deep", nested.clone())) {
        let Boolean { value, .. } = answer.unwrap();
        assert_eq!(value, Some(true));
    }
    for answer in both!(client, "ResolveBoolean", ask_for("channel", Struct::texts([("channel", "mail")]))) {
        let Boolean { variant, .. } = answer.unwrap();
        assert_eq!(variant.as_deref(), Some("production"));
    }
}

#[tokio::test]
async fn an_error_is_never_one_that_clients_try_again() {
    let world = World::new(FLAGS).await;
    let client = world.evaluator().await;
    for (key, code) in [("nowhere", Code::NotFound), ("lost", Code::Internal), ("broken", Code::DataLoss)] {
        for answer in both!(client, "ResolveBoolean", ask(key)) {
            let answer: Result<Boolean, _> = answer;
            assert_eq!(answer.unwrap_err().code(), code, "{key}");
        }
    }
    // And the flags beside them answer.
    for answer in both!(client, "ResolveBoolean", ask("bool")) {
        let Boolean { value, .. } = answer.unwrap();
        assert_eq!(value, Some(false));
    }
}

#[tokio::test]
async fn all_flags_at_once_are_v1_alone_and_say_what_v1_can_say() {
    let world = World::new(FLAGS).await;
    let client: Client = world.evaluator().await;
    let request = || AllRequest { context: Some(Struct::texts([("targetingKey", "jack")])) };
    let [v1, v2] = both!(client, "ResolveAll", request());
    let v2: Result<AllResponse, _> = v2;
    assert_eq!(v2.unwrap_err().code(), Code::Unimplemented);
    let AllResponse { flags, .. } = v1.unwrap();
    let keys: Vec<&str> = flags.keys().map(String::as_str).collect();
    assert_eq!(keys, ["bool", "channel", "deep", "float", "int", "object", "off", "ruled", "text"]);
    let flag = |reason: &str, variant: &str| AnyFlag {
        reason: reason.to_owned(),
        variant: variant.to_owned(),
        metadata: Some(Struct::default()),
        ..AnyFlag::default()
    };
    assert_eq!(flags["ruled"], AnyFlag { bool: Some(true), ..flag("TARGETING_MATCH", "yes") });
    assert_eq!(flags["int"], AnyFlag { double: Some(10.0), ..flag("STATIC", "ten") });
    assert_eq!(flags["text"], AnyFlag { text: Some("hello".to_owned()), ..flag("STATIC", "hi") });
    assert_eq!(flags["off"], AnyFlag { bool: Some(false), ..flag("DISABLED", "") });
    assert_eq!(flags["object"].object.as_ref().unwrap().fields.len(), 1);
}

#[tokio::test]
async fn other_methods_and_services_are_not_there() {
    let world = World::new(FLAGS).await;
    let client = world.evaluator().await;
    for path in ["/flagd.evaluation.v3.Service/ResolveBoolean", "/flagd.evaluation.v2.Service/Resolve", "/x"] {
        assert_eq!(client.ask::<_, Empty>(path, ask("bool")).await.unwrap_err().code(), Code::Unimplemented, "{path}");
    }
    let reader = world.reader().await;
    let elsewhere = reader.ask::<_, Empty>("/flagd.evaluation.v2.Service/ResolveBoolean", ask("bool")).await;
    assert_eq!(elsewhere.unwrap_err().code(), Code::Unimplemented);
}
