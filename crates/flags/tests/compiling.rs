//! Our own words, compiled: what clients are sent, and what our own evaluation makes of it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::collections::BTreeMap;

use flags::{
    Bucketing, Context, Decision, EvaluationError, Flag, FlagSet, Json, Outcome, Prerequisite, Reason, Segment, Shelf,
    Value, check,
};

const CHANNEL: &str = "production";

fn shelf() -> Shelf {
    Shelf {
        flags: serde_json::from_str(include_str!("shelf/flags.json")).unwrap(),
        segments: serde_json::from_str(include_str!("shelf/segments.json")).unwrap(),
    }
}

fn compile(shelf: &Shelf) -> FlagSet {
    FlagSet::compile(shelf, CHANNEL, Bucketing::V3)
}

/// A switch with the variants `on` and `no`, off being `no`, and this decision.
fn switch(key: &str, decision: &str) -> Flag {
    serde_json::from_str(&format!(
        r#"{{"key":"{key}","kind":"release","value_type":"boolean","variants":[{{"name":"on","value":true}},{{"name":"no","value":false}}],
            "off":"no","channels":{{"production":{{"on":true,"decision":{decision}}}}}}}"#
    ))
    .unwrap()
}

fn always(key: &str, variant: &str) -> Flag {
    switch(key, &format!(r#"{{"rules":{{"rules":[],"otherwise":{{"variant":"{variant}"}}}}}}"#))
}

fn of(flags: impl IntoIterator<Item = Flag>) -> Shelf {
    let flags = flags.into_iter().map(|flag| (flag.key.clone(), flag)).collect();
    Shelf { flags, segments: BTreeMap::new() }
}

fn says<'s>(set: &'s FlagSet, key: &str, user: &str, attributes: &[(&str, Value<'_>)]) -> Outcome<'s> {
    set.evaluate(key, &Context { targeting_key: Some(user), attributes, at_s: 0 }).unwrap()
}

fn sent(set: &FlagSet, key: &str) -> String {
    serde_json::to_string(set.flagd().get("flags").unwrap().get(key).unwrap()).unwrap()
}

#[test]
fn the_shelf_is_sound() {
    check(&shelf()).unwrap();
}

#[test]
fn what_clients_are_sent() {
    let set = compile(&shelf());
    assert_eq!(sent(&set, "off"), r#"{"state":"ENABLED","variants":{"on":true,"no":false},"defaultVariant":"no"}"#);
    assert_eq!(
        sent(&set, "one-rule"),
        r#"{"state":"ENABLED","variants":{"on":true,"no":false},"defaultVariant":"no","targeting":{"if":[{"===":[{"var":"plan"},"pro"]},"on"]}}"#
    );
    assert_eq!(
        sent(&set, "ramp"),
        concat!(
            r#"{"state":"ENABLED","variants":{"on":true,"no":false},"defaultVariant":"no","targeting":{"if":["#,
            r#"{"and":[{"starts_with":[{"var":"targetingKey"},""]},{"!==":[{"var":"targetingKey"},""]}]},"#,
            r#"{"fractional":[{"cat":["ramp",":",{"var":"targetingKey"}]},["on",25000],["no",75000]]},null]}}"#
        )
    );
    // A float flag has float values only: `low` and `high` were written as whole numbers.
    assert!(sent(&set, "experiment").contains(r#""variants":{"low":1.0,"mid":1.5,"high":2.0}"#));
    // A prerequisite is written out, with its own key as salt.
    assert!(sent(&set, "experiment").contains(r#"["ramp",":",{"var":"targetingKey"}]"#));
}

#[test]
fn every_client_accepts_what_is_sent() {
    let set = compile(&shelf());
    flags::flagd::validate(set.flagd(), flags::flagd::Schema::Flags).unwrap();
}

/// What is exported is what is evaluated: only the reason may say more to ourselves.
#[test]
fn the_document_gives_the_same_variants() {
    let set = compile(&shelf());
    let again = FlagSet::of_flagd(set.flagd(), Bucketing::V3).unwrap();
    for user in 0..2_000 {
        let user = format!("user-{user}");
        for (plan, email) in [("pro", "a@example.org"), ("team", "a@b.c"), ("free", "nobody@b.c"), ("", "50%")] {
            let attributes = [("plan", Value::Text(plan)), ("email", Value::Text(email)), ("age", Value::Int(7))];
            for key in set.keys() {
                let (one, other) = (says(&set, key, &user, &attributes), says(&again, key, &user, &attributes));
                assert_eq!((one.variant, one.value), (other.variant, other.value), "{key} {user} {plan}");
            }
        }
    }
}

#[test]
fn reasons_and_rules() {
    let set = compile(&shelf());
    let pro = [("plan", Value::Text("pro")), ("age", Value::Int(7))];
    let free = [("plan", Value::Text("free"))];
    let brief = |outcome: Outcome<'_>| (outcome.variant.map(str::to_owned), outcome.reason, outcome.rule);
    let named = |name: &str, reason, rule| (Some(name.to_owned()), reason, rule);
    assert_eq!(brief(says(&set, "off", "u", &pro)), named("no", Reason::Disabled, None));
    assert_eq!(brief(says(&set, "static", "u", &pro)), named("few", Reason::Static, None));
    assert_eq!(brief(says(&set, "one-rule", "u", &pro)), named("on", Reason::TargetingMatch, Some(0)));
    assert_eq!(brief(says(&set, "one-rule", "u", &free)), named("no", Reason::Default, None));
    assert_eq!(says(&set, "ramp", "u", &[]).reason, Reason::Split);
    assert_eq!(brief(says(&set, "ramp", "", &[])), named("no", Reason::Default, None));
    // The sixth rule gives the default in the client's code, so the variant for everybody else is named by the rule.
    assert_eq!(brief(says(&set, "every-condition", "u", &pro)), (None, Reason::Default, Some(5)));
    assert_eq!(brief(says(&set, "every-condition", "u", &free)), named("c", Reason::Default, None));
    // Below the prerequisites the rules are counted from 0 all the same.
    let in_ramp =
        (0..).map(|n| format!("u{n}")).find(|user| says(&set, "ramp", user, &[]).variant == Some("on")).unwrap();
    let out = (0..).map(|n| format!("u{n}")).find(|user| says(&set, "ramp", user, &[]).variant == Some("no")).unwrap();
    let staff = [("plan", Value::Text("pro")), ("email", Value::Text("a@example.org"))];
    let outcome = says(&set, "experiment", &in_ramp, &staff);
    assert_eq!((outcome.reason, outcome.rule), (Reason::Split, Some(0)));
    assert_eq!(brief(says(&set, "experiment", &out, &staff)), named("low", Reason::Disabled, None));
}

#[test]
fn a_value_of_another_type_matches_nothing() {
    let rule = |when: &str| {
        switch(
            "f",
            &format!(
                r#"{{"rules":{{"rules":[{{"name":"r","when":{when},"serve":{{"variant":"on"}}}}],"otherwise":{{"variant":"no"}}}}}}"#
            ),
        )
    };
    let items = [Value::Text("x")];
    for (when, good, bad) in [
        (r#"{"compare":{"attribute":"a","op":"less","number":10}}"#, Value::Float(9.5), Value::Text("9")),
        (r#"{"compare":{"attribute":"a","op":"at_most","number":10}}"#, Value::Int(10), Value::Null),
        (r#"{"contains":{"attribute":"a","text":"x"}}"#, Value::Text("axb"), Value::List(&items)),
        (r#"{"contains":{"attribute":"a","text":"1"}}"#, Value::Text("212"), Value::Int(1)),
        (r#"{"starts_with":{"attribute":"a","text":"1"}}"#, Value::Text("12"), Value::Int(12)),
        (r#"{"is":{"attribute":"a","one_of":["1","2"]}}"#, Value::Text("2"), Value::Int(2)),
        (r#"{"is":{"attribute":"a","one_of":[1]}}"#, Value::Int(1), Value::Text("1")),
        (r#"{"version":{"attribute":"a","op":">=","version":"1.2.0"}}"#, Value::Text("v1.10"), Value::Text("1.x")),
        (r#"{"present":{"attribute":"a"}}"#, Value::Text(""), Value::Null),
        (r#"{"not":{"present":{"attribute":"a"}}}"#, Value::Null, Value::Int(0)),
        (r#"{"all":[]}"#, Value::Null, Value::Map(&[])),
    ] {
        let set = compile(&of([rule(when)]));
        assert_eq!(says(&set, "f", "u", &[("a", good)]).variant, Some("on"), "{when}");
        if when != r#"{"all":[]}"# {
            assert_eq!(says(&set, "f", "u", &[("a", bad)]).variant, Some("no"), "{when}");
        }
    }
}

#[test]
fn a_flag_is_off_unless_what_it_rests_on_says_so() {
    let rests_on = |wanted: &str| {
        let prerequisites = vec![Prerequisite { flag: "base".into(), variants: vec![wanted.into()] }];
        Flag { prerequisites, ..always("top", "on") }
    };
    let on = compile(&of([always("base", "on"), rests_on("on")]));
    assert_eq!(says(&on, "top", "u", &[]).variant, Some("on"));
    let other = compile(&of([always("base", "no"), rests_on("on")]));
    assert_eq!(
        (says(&other, "top", "u", &[]).variant, says(&other, "top", "u", &[]).reason),
        (Some("no"), Reason::Disabled)
    );
    let mut off = always("base", "on");
    off.channels.clear();
    assert_eq!(says(&compile(&of([off.clone(), rests_on("on")])), "top", "u", &[]).variant, Some("no"));
    assert_eq!(says(&compile(&of([off, rests_on("no")])), "top", "u", &[]).variant, Some("on"));
}

#[test]
fn circles_are_refused_and_hurt_nobody_else() {
    let on = |key: &str, needs: &str| Flag {
        prerequisites: vec![Prerequisite { flag: needs.into(), variants: vec!["on".into()] }],
        ..always(key, "on")
    };
    let mut shelf =
        of([on("a", "b"), on("b", "c"), on("c", "a"), on("self", "self"), always("sound", "on"), on("lost", "gone")]);
    let segment = |name: &str, needs: &str| Segment {
        name: name.into(),
        description: String::new(),
        when: flags::Condition::Segment { name: needs.into() },
    };
    shelf.segments = [segment("x", "y"), segment("y", "x")].map(|segment| (segment.name.clone(), segment)).into();
    let paths: Vec<String> = check(&shelf).unwrap_err().into_iter().map(|problem| problem.path).collect();
    for path in [
        "/flags/a/prerequisites/0/flag",
        "/flags/self/prerequisites/0/flag",
        "/flags/lost/prerequisites/0/flag",
        "/segments/x/when",
    ] {
        assert!(paths.iter().any(|found| found.starts_with(path)), "{path} is not among {paths:?}");
    }
    let set = compile(&shelf);
    assert_eq!(says(&set, "sound", "u", &[]).variant, Some("on"));
    for key in ["a", "self", "lost"] {
        assert_eq!(set.evaluate(key, &Context::default()), Err(EvaluationError::ParseError), "{key}");
        assert_eq!(set.explain(key, &Context::default()).unwrap().rules, []);
    }
    assert_eq!(set.flagd().get("flags").and_then(Json::members).map(<[_]>::len), Some(1));
}

#[test]
fn unsound_definitions_are_refused_with_their_place() {
    let mut bad = shelf();
    let flag = bad.flags.get_mut("ramp").unwrap();
    flag.variants[1].value = Json::from("no");
    flag.off = Some("gone".into());
    if let Some(Decision::Rules { otherwise: flags::Serve::Split(split), .. }) =
        flag.channels.get_mut(CHANNEL).map(|state| &mut state.decision)
    {
        split.weights[0].weight = 1;
        split.weights[1].variant = "on".into();
    }
    let problems = check(&bad).unwrap_err();
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    let split = "/flags/ramp/channels/production/decision/rules/otherwise/split/weights";
    let twice = format!("{split}/1/variant");
    for path in ["/flags/ramp/variants/1/value", "/flags/ramp/off", split, &twice] {
        assert!(paths.contains(&path), "{path} is not among {paths:?}");
    }
}

#[test]
fn an_explanation_names_what_failed_and_where_the_user_fell() {
    let set = compile(&shelf());
    let attributes = [("plan", Value::Text("pro")), ("email", Value::Text("a@example.org"))];
    let context = Context { targeting_key: Some("u"), attributes: &attributes, at_s: 0 };
    let told = set.explain("every-condition", &context).unwrap();
    assert_eq!(told.rules.len(), 6);
    assert!(told.rules.iter().all(|rule| rule.asked && !rule.matches));
    assert_eq!(told.rules[0].failed.len(), 1);
    assert_eq!(told.rules[0].failed[0].actual, Some(Json::from("pro")));
    let staff = &told.rules[5].failed[0];
    assert_eq!(
        (staff.segments.as_slice(), staff.wanted),
        (["paying".to_owned(), "staff".to_owned()].as_slice(), false)
    );
    assert_eq!(staff.actual, Some(Json::from("a@example.org")));

    let told = set.explain("ramp", &context).unwrap();
    let split = told.split.unwrap();
    let bucket = split.bucket.unwrap();
    let wanted = split.ends.iter().find(|(_, end)| bucket < *end).map(|(name, _)| name.as_str());
    assert_eq!(told.outcome.unwrap().variant, wanted);
    assert_eq!(set.explain("experiment", &context).unwrap().prerequisites.len(), 2);
    assert_eq!(set.explain("gone", &context), Err(EvaluationError::FlagNotFound));
}

#[test]
fn what_a_change_would_change() {
    let users: Vec<String> = (0..1_000).map(|n| format!("u{n}")).collect();
    let contexts: Vec<Context<'_>> =
        users.iter().map(|user| Context { targeting_key: Some(user), ..Context::default() }).collect();
    let old = shelf();
    let mut new = old.clone();
    if let Some(Decision::Rules { otherwise: flags::Serve::Split(split), .. }) =
        new.flags.get_mut("ramp").unwrap().channels.get_mut(CHANNEL).map(|state| &mut state.decision)
    {
        (split.weights[0].weight, split.weights[1].weight) = (50_000, 50_000);
    }
    let difference = flags::differs(&compile(&old), &compile(&new), &contexts);
    assert_eq!(difference.contexts, 1_000);
    let moves = &difference.flags["ramp"];
    assert_eq!(moves.len(), 1, "users only move one way");
    assert_eq!((moves[0].from.as_deref(), moves[0].to.as_deref()), (Some("no"), Some("on")));
    assert!((200..300).contains(&moves[0].contexts), "{moves:?}");
    assert!(difference.changed >= moves[0].contexts);
}

#[test]
fn the_sets_metadata_stands_behind_a_flags_own() {
    let mut flag = always("f", "on");
    flag.metadata = vec![("release".into(), Json::from("r1"))];
    let set = compile(&of([flag]));
    let text = |value: &str| Json::from(value);
    let first = set.with_metadata(vec![("release".into(), text("x")), ("version".into(), text("1"))]);
    let second = first.with_metadata(vec![("version".into(), text("2"))]);
    assert_eq!(second.metadata("f"), [("version".into(), text("2")), ("release".into(), text("r1"))]);
    assert_eq!(second.metadata("gone"), [("version".into(), text("2"))]);
    assert_eq!(second.flagd().get("metadata"), Some(&Json::Map(vec![("version".into(), text("2"))])));
}
