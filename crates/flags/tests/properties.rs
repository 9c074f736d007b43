//! What holds for any definition and any context.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must fail")]

use std::collections::BTreeMap;

use flags::{
    Bucketing, ChannelState, Context, Decision, Flag, FlagSet, Json, Kind, Serve, Shelf, Split, Value, ValueType,
    Variant, Weight, check,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// Values that look like rules often enough to get past the first look.
fn json() -> impl Strategy<Value = Json> {
    let names = prop::sample::select(vec![
        "var",
        "if",
        "?:",
        "and",
        "or",
        "!",
        "!!",
        "==",
        "===",
        "!=",
        "!==",
        "<",
        "<=",
        ">",
        ">=",
        "in",
        "cat",
        "substr",
        "+",
        "-",
        "*",
        "/",
        "%",
        "min",
        "max",
        "missing",
        "missing_some",
        "merge",
        "map",
        "filter",
        "reduce",
        "all",
        "some",
        "none",
        "fractional",
        "sem_ver",
        "starts_with",
        "ends_with",
        "$ref",
        "state",
        "variants",
        "targeting",
        "unknown",
        "",
    ]);
    let texts = prop::sample::select(vec![
        "",
        "a",
        "b",
        "true",
        "plan",
        "user.name",
        "tags.0",
        "length",
        "targetingKey",
        "$flagd",
        "$flagd.flagKey",
        "1.2.3",
        "^",
        "1e400",
        "é日本",
        "ENABLED",
        "current",
        "accumulator",
        "0",
        "-1",
    ]);
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        any::<i64>().prop_map(Json::Int),
        (-3_i64..60).prop_map(Json::Int),
        prop::num::f64::ANY.prop_map(Json::Float),
        texts.prop_map(Json::from),
    ];
    leaf.prop_recursive(6, 60, 5, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Json::List),
            (names.clone(), vec(inner.clone(), 0..5))
                .prop_map(|(name, items)| Json::Map(vec![(name.into(), Json::List(items))])),
            (names.clone(), inner.clone()).prop_map(|(name, item)| Json::Map(vec![(name.into(), item)])),
            (inner.clone(), inner).prop_map(|(a, b)| Json::Map(vec![("a".into(), a), ("name".into(), b)])),
        ]
    })
}

fn flagd(targeting: Json) -> Json {
    let names = ["a", "b", "true"];
    let map = |members: &[(&str, Json)]| Json::Map(members.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect());
    let variants = map(&names.map(|name| (name, Json::from(name))));
    let sound = map(&[
        ("state", Json::from("ENABLED")),
        ("variants", variants.clone()),
        ("defaultVariant", Json::from("b")),
        (
            "targeting",
            serde_json::from_str(r#"{"if":[{"in":[{"var":"plan"},["a","true"]]},{"fractional":[["a",1],["b",3]]}]}"#)
                .unwrap(),
        ),
    ]);
    let random = map(&[("state", Json::from("ENABLED")), ("variants", variants), ("targeting", targeting)]);
    map(&[("flags", map(&[("sound", sound), ("random", random)]))])
}

/// The value as a context has it. What it borrows lives as long as the test: a few kilobytes for each case.
fn leaked(json: &Json) -> Value<'_> {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Int(value) => Value::Int(*value),
        Json::Float(value) => Value::Float(*value),
        Json::Text(text) => Value::Text(text),
        Json::List(items) => Value::List(Vec::leak(items.iter().map(leaked).collect())),
        Json::Map(members) => Value::Map(Vec::leak(members.iter().map(|(k, v)| (k.as_str(), leaked(v))).collect())),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_as_a_document_is_an_answer_or_a_refusal(document in json()) {
        for bucketing in [Bucketing::V2, Bucketing::V3] {
            if let Ok(set) = FlagSet::of_flagd(&document, bucketing) {
                for key in set.keys() {
                    let _ = set.evaluate(key, &Context::default());
                }
            }
        }
        let _ = flags::flagd::import(&document, "production");
        for schema in [flags::flagd::Schema::Flags, flags::flagd::Schema::Flagd, flags::flagd::Schema::Targeting] {
            let _ = flags::flagd::validate(&document, schema);
        }
    }

    #[test]
    fn any_rule_and_any_context_are_an_answer_and_leave_others_alone(
        rule in json(), plan in json(), user in json(), tags in json(), key in prop::option::of("[a-zé]{0,12}"),
    ) {
        let alone = FlagSet::of_flagd(&flagd(Json::Null), Bucketing::V3).unwrap();
        let set = FlagSet::of_flagd(&flagd(rule.clone()), Bucketing::V3).unwrap();
        let old = FlagSet::of_flagd(&flagd(rule), Bucketing::V2).unwrap();
        let attributes = [("plan", leaked(&plan)), ("user", leaked(&user)), ("tags", leaked(&tags))];
        let context = Context { targeting_key: key.as_deref(), attributes: &attributes, at_s: 1 };
        let _ = old.evaluate("random", &context);
        let _ = set.evaluate("random", &context);
        prop_assert_eq!(set.evaluate("sound", &context), alone.evaluate("sound", &context));
        // A flag that cannot answer is not sent; whoever reads what is sent gets our answers.
        let again = FlagSet::of_flagd(set.flagd(), Bucketing::V3).unwrap();
        for key in again.keys() {
            prop_assert_eq!(set.evaluate(key, &Context::default()), again.evaluate(key, &Context::default()));
        }
    }

    #[test]
    fn what_is_imported_is_exported_again(rule in json()) {
        let document = flagd(rule);
        if let Ok(imported) = flags::flagd::import(&document, "production") {
            let flags = imported.flags.into_iter().map(|flag| (flag.key.clone(), flag)).collect();
            let shelf = Shelf { flags, segments: BTreeMap::new() };
            check(&shelf).unwrap();
            let set = FlagSet::compile(&shelf, "production", Bucketing::V3);
            let of = |document: &Json| document.get("flags").unwrap().members().unwrap().len();
            prop_assert_eq!(of(set.flagd()), of(&document));
            let targeting = |document: &Json| document.get("flags").unwrap().get("random").unwrap().get("targeting").cloned();
            let empty = |rule: &Json| *rule == Json::Null || rule.members().is_some_and(<[_]>::is_empty);
            // Texts are compared: what is not a number does not equal itself.
            prop_assert_eq!(
                format!("{:?}", targeting(set.flagd())),
                format!("{:?}", targeting(&document).filter(|rule| !empty(rule)))
            );
        }
    }

    #[test]
    fn raising_the_first_weight_moves_users_one_way(
        from in 0_u32..=100_000, to in 0_u32..=100_000, middle in 0_u32..=50_000, users in vec("[a-z0-9@.é-]{1,40}", 50),
    ) {
        let (from, to) = (from.min(to), from.max(to));
        let middle = middle.min(100_000 - to);
        let (old, new) = (ramp([from, middle]), ramp([to, middle]));
        for user in &users {
            let context = Context { targeting_key: Some(user), ..Context::default() };
            let place = |set: &FlagSet| set.evaluate("ramp", &context).unwrap().variant.unwrap().to_owned();
            prop_assert!(place(&new) <= place(&old), "{user} went from {} to {}", place(&old), place(&new));
        }
    }
}

/// A split between `0-first`, `1-second` and, for all others, `2-third`.
fn ramp([first, second]: [u32; 2]) -> FlagSet {
    let names = ["0-first", "1-second", "2-third"];
    let weights = names.iter().zip([first, second, 100_000 - first - second]);
    let weights = weights.map(|(name, weight)| Weight { variant: (*name).into(), weight }).collect();
    let otherwise = Serve::Split(Split { by: "targetingKey".into(), salt: None, weights });
    let decision = Decision::Rules { rules: Vec::new(), otherwise };
    let flag = Flag {
        key: "ramp".into(),
        kind: Kind::Release,
        value_type: ValueType::String,
        description: String::new(),
        owner: String::new(),
        ends_at_ms: None,
        release: None,
        variants: names.map(|name| Variant { name: name.into(), value: Json::from(name) }).to_vec(),
        off: None,
        prerequisites: Vec::new(),
        metadata: Vec::new(),
        channels: BTreeMap::from([("production".into(), ChannelState { on: true, decision })]),
        archived: false,
    };
    let shelf = Shelf { flags: BTreeMap::from([("ramp".into(), flag)]), segments: BTreeMap::new() };
    check(&shelf).unwrap();
    FlagSet::compile(&shelf, "production", Bucketing::V3)
}

/// A rule as deep as this, in arrays or in operators.
fn deep(levels: usize, operator: bool) -> Json {
    (0..levels).fold(Json::Bool(true), |inner, _| {
        let list = Json::List(vec![inner]);
        if operator { Json::Map(vec![("!".into(), list)]) } else { list }
    })
}

/// The member of an object, to be changed.
fn member<'j>(json: &'j mut Json, name: &str) -> &'j mut Json {
    let Json::Map(members) = json else { panic!("{json:?} is no object") };
    &mut members.iter_mut().find(|member| member.0 == name).unwrap().1
}

#[test]
fn what_is_too_deep_is_refused_and_never_walked() {
    for operator in [true, false] {
        let mut document = flagd(Json::Null);
        let rule = Json::Map(vec![("if".into(), Json::List(vec![deep(10_000, operator), Json::from("a")]))]);
        *member(member(member(&mut document, "flags"), "random"), "targeting") = rule;
        let set = FlagSet::of_flagd(&document, Bucketing::V3).unwrap();
        assert!(set.problem("random").unwrap().why.contains("deeper than 100"), "{:?}", set.problem("random"));
        assert!(flags::flagd::import(&document, "production").is_err());
        assert!(flags::flagd::validate(&document, flags::flagd::Schema::Flags).is_err());
        // Dropping it would take as many calls as it has levels; reading one from text stops at 128.
        std::mem::forget(document);
    }
    let fits = Json::Map(vec![("if".into(), Json::List(vec![deep(40, true), Json::from("a")]))]);
    let set = FlagSet::of_flagd(&flagd(fits), Bucketing::V3).unwrap();
    assert_eq!(set.evaluate("random", &Context::default()).unwrap().variant, Some("a"));
}

#[test]
fn a_context_that_is_too_deep_cannot_exhaust_the_stack() {
    // Leaked, as a value borrows the one within it; it is 10,000 small arrays.
    let mut value = Value::Int(1);
    for _ in 0..10_000 {
        let level: &'static [Value<'static>] = Box::leak(Box::new([value]));
        value = Value::List(level);
    }
    let attributes = [("plan", value)];
    let context = Context { targeting_key: Some("u"), attributes: &attributes, at_s: 0 };
    for rule in [
        r#"{"cat":[{"var":"plan"}]}"#,
        r#"{"+":[{"var":"plan"},1]}"#,
        r#"{"===":[{"var":"plan"},{"var":"plan"}]}"#,
        r#"{"fractional":[{"var":"plan"},["a",1]]}"#,
        r#"{"fractional":[{"if":[true,{"var":""}]},["a",1]]}"#,
        r#"{"in":[{"var":"plan"},{"merge":[{"var":"plan"}]}]}"#,
    ] {
        let set = FlagSet::of_flagd(&flagd(serde_json::from_str(rule).unwrap()), Bucketing::V3).unwrap();
        let _ = set.evaluate("random", &context);
    }
}
