//! flagd's rules of evaluation, one by one.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use flags::{Bucketing, Context, EvaluationError, FlagSet, Json, Reason, Value};

fn set(document: &str, bucketing: Bucketing) -> FlagSet {
    let document: Json = serde_json::from_str(document).unwrap();
    FlagSet::of_flagd(&document, bucketing).unwrap()
}

/// A flag with the variants `a` and `b`, `a` being the default.
fn ask(targeting: &str, context: &Context<'_>) -> Result<(Option<String>, Reason), EvaluationError> {
    let flag = format!(
        r#"{{"flags":{{"f":{{"state":"ENABLED","variants":{{"a":1,"b":2,"true":3,"7":4}},"defaultVariant":"a","targeting":{targeting}}}}}}}"#
    );
    let set = set(&flag, Bucketing::V3);
    let outcome = set.evaluate("f", context)?;
    Ok((outcome.variant.map(str::to_owned), outcome.reason))
}

fn plain(targeting: &str) -> Result<(Option<String>, Reason), EvaluationError> {
    ask(targeting, &Context::default())
}

fn got(variant: &str, reason: Reason) -> Result<(Option<String>, Reason), EvaluationError> {
    Ok((Some(variant.into()), reason))
}

#[test]
fn a_rule_names_a_variant() {
    assert_eq!(plain(r#"{"if":[true,"b"]}"#), got("b", Reason::TargetingMatch));
    assert_eq!(plain(r#"{"if":[false,"b"]}"#), got("a", Reason::Default));
    assert_eq!(plain("{}"), got("a", Reason::Static));
    assert_eq!(plain("null"), got("a", Reason::Static));
    assert_eq!(plain(r#"{"==":[1,1]}"#), got("true", Reason::TargetingMatch));
    assert_eq!(plain(r#"{"+":[3,4]}"#), got("7", Reason::TargetingMatch));
    assert_eq!(plain(r#"{"==":[1,2]}"#), Err(EvaluationError::General));
    assert_eq!(plain(r#"{"cat":["c"]}"#), Err(EvaluationError::General));
    assert_eq!(plain(r#"{"merge":["a"]}"#), Err(EvaluationError::General));
    assert_eq!(plain(r#"{"unknown":["a"]}"#), Err(EvaluationError::ParseError));
    assert_eq!(plain("[]"), Err(EvaluationError::ParseError));
}

#[test]
fn what_is_injected_cannot_be_overwritten() {
    let attributes = [("$flagd", Value::Text("mine")), ("targetingKey", Value::Text("mine"))];
    let context = Context { targeting_key: Some("u"), attributes: &attributes, at_s: 99 };
    for rule in [
        r#"{"==":[{"var":"$flagd.flagKey"},"f"]}"#,
        r#"{"==":[{"var":"$flagd.timestamp"},99]}"#,
        r#"{"==":[{"var":"targetingKey"},"u"]}"#,
    ] {
        assert_eq!(ask(rule, &context), got("true", Reason::TargetingMatch), "{rule}");
    }
}

#[test]
fn states_and_defaults() {
    let set = set(
        r#"{"metadata":{"owner":"set","only":1},"flags":{
            "off":{"state":"DISABLED","variants":{"a":1},"defaultVariant":"a","metadata":{"owner":"flag"}},
            "none":{"state":"ENABLED","variants":{"a":1}},
            "null":{"state":"ENABLED","variants":{"a":1.5,"b":1},"defaultVariant":null,"targeting":{"if":[false,"a"]}},
            "empty":{"state":"ENABLED","variants":{"a":1},"defaultVariant":""},
            "bad default":{"state":"ENABLED","variants":{"a":1},"defaultVariant":"x"},
            "bad state":{"state":"enabled","variants":{"a":1}},
            "mixed":{"state":"ENABLED","variants":{"a":1,"b":"x"}},
            "no variants":{"state":"ENABLED","variants":{}},
            "no flag":7}}"#,
        Bucketing::V3,
    );
    let nobody = Context::default();
    let ask = |key: &str| set.evaluate(key, &nobody).map(|outcome| (outcome.value.cloned(), outcome.reason));
    assert_eq!(ask("off"), Ok((None, Reason::Disabled)));
    assert_eq!(ask("none"), Ok((None, Reason::Default)));
    assert_eq!(ask("null"), Ok((None, Reason::Default)));
    assert_eq!(ask("empty"), Ok((None, Reason::Default)));
    for bad in ["bad default", "bad state", "mixed", "no variants", "no flag"] {
        assert_eq!(ask(bad), Err(EvaluationError::ParseError), "{bad}");
        assert!(set.problem(bad).unwrap().path.starts_with(&format!("/flags/{bad}")), "{:?}", set.problem(bad));
    }
    assert_eq!(ask("missing"), Err(EvaluationError::FlagNotFound));
    let metadata = |key: &str| serde_json::to_string(&Json::Map(set.metadata(key).to_vec())).unwrap();
    assert_eq!(metadata("off"), r#"{"only":1,"owner":"flag"}"#);
    assert_eq!(metadata("none"), r#"{"owner":"set","only":1}"#);
}

#[test]
fn fractional_as_flagd_publishes_it() {
    let document = r#"{"flags":{"fractional-flag":{"state":"ENABLED","variants":{"clubs":"c","diamonds":"d","hearts":"h","spades":"s"},
        "targeting":{"fractional":[{"cat":[{"var":"$flagd.flagKey"},{"var":"user.name"}]},["clubs",25],["diamonds",25],["hearts",25],["spades",25]]}},
        "fractional-flag-shorthand":{"state":"ENABLED","variants":{"heads":1,"tails":2},"targeting":{"fractional":[["heads"],["tails",1]]}}}}"#;
    let (v2, v3) = (set(document, Bucketing::V2), set(document, Bucketing::V3));
    for (name, old, new) in [
        ("jack", "hearts", "diamonds"),
        ("queen", "spades", "diamonds"),
        ("ten", "clubs", "clubs"),
        ("nine", "diamonds", "clubs"),
        ("3", "clubs", "spades"),
    ] {
        let user = [("name", Value::Text(name))];
        let attributes = [("user", Value::Map(&user))];
        let context = Context { attributes: &attributes, ..Context::default() };
        assert_eq!(v2.evaluate("fractional-flag", &context).unwrap().variant, Some(old), "{name}");
        assert_eq!(v3.evaluate("fractional-flag", &context).unwrap().variant, Some(new), "{name}");
    }
    let jon = Context { targeting_key: Some("jon@company.com"), ..Context::default() };
    assert_eq!(v2.evaluate("fractional-flag-shorthand", &jon).unwrap().variant, Some("heads"));
    assert_eq!(v3.evaluate("fractional-flag-shorthand", &jon).unwrap().variant, Some("tails"));
    for nobody in [None, Some("")] {
        let context = Context { targeting_key: nobody, ..Context::default() };
        assert_eq!(v3.evaluate("fractional-flag-shorthand", &context).unwrap().reason, Reason::Default);
    }
}
