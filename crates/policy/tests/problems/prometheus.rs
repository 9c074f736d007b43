//! What can be wrong with a Prometheus signal, before anything is asked of a server.

use crate::{fine, shop, told};
use expect_test::expect;
use policy::{PrometheusArms, Signal};

const REQUESTS: &str = "requests: a, errors: b";

fn signal(settings: &str) -> String {
    shop(&format!("signals: {{ p: {{ prometheus: {{ {settings} }} }} }}\n"))
}

fn by_label(more: &str) -> String {
    signal(&format!("url: http://p:9090, arms: {{ label: {{ {more} }} }}"))
}

#[test]
fn a_whole_signal_is_compiled_into_the_wiring() {
    let text = by_label(
        r#"label: v, stable: blue, canary: "x-$version", requests: 'r{job="shop"}', errors: 'r{job="shop",code=~"5.."}', latency: { classic: l_bucket }"#,
    )
    .replace("{ target: local, lever: edge }", "{ target: local, lever: edge, signals: [p] }");
    let wiring = fine(&text).compile("shop", "production", "feature").unwrap().wiring;
    let [Signal::Prometheus(wired)] = wiring.signals.as_slice() else { panic!("{:?}", wiring.signals) };
    assert_eq!((wired.timeout.0, wired.lag.0, &wired.auth), (5_000, 5_000, &None));
    assert!(matches!(&wired.arms, PrometheusArms::Label(by) if by.canary == "x-$version"));
    let kept = serde_json::to_string(&wiring).unwrap();
    assert_eq!(serde_json::from_str::<policy::Wiring>(&kept).unwrap(), wiring);
}

#[test]
fn what_is_missing_or_unknown() {
    told(
        &signal(""),
        &expect![[r#"
        tidegate.yaml:8:17: TG-1012: 2 keys are missing: `url`, `arms` must be here (hint: add `url: …` and `arms: …`)
          at signals.p.prometheus
    "#]],
    );
    told(
        &signal("url: http://p, arms: { lable: {} }"),
        &expect![[r#"
        tidegate.yaml:8:54: TG-1013: `lable` is not a kind of way to tell the arms apart: expected `{ label: … }` or `{ queries: … }` (hint: did you mean `label`?)
          at signals.p.prometheus.arms.lable
    "#]],
    );
    told(
        &by_label("requests: a"),
        &expect![[r#"
        tidegate.yaml:8:59: TG-1012: the key `errors` is missing: `errors` must be here: selects the counters of failed requests (hint: add `errors: …`)
          at signals.p.prometheus.arms.label
    "#]],
    );
    told(
        &by_label(&format!("{REQUESTS}, latency: l_bucket")),
        &expect![[r#"
        tidegate.yaml:8:101: TG-1011: this is not a histogram: found `l_bucket`, expected `{ classic: … }` or `{ native: … }` (hint: write one of these)
          at signals.p.prometheus.arms.label.latency
    "#]],
    );
}

#[test]
fn expressions_and_variables() {
    told(
        &by_label("requests: 'sum(rate(a[5m]))', errors: b"),
        &expect![[r#"
        tidegate.yaml:8:78: TG-1016: this is not a selector of counters: found `sum(rate(a[5m]))`: `sum(…)` is a function, and only counters as they were sampled can be counted (hint: write a metric with its labels, such as `http_requests_total{job="shop"}`; Tidegate adds range and version)
          at signals.p.prometheus.arms.label.requests
    "#]],
    );
    told(
        &by_label(&format!("{REQUESTS}, canary: $verson")),
        &expect![[r#"
        tidegate.yaml:8:100: TG-1016: this variable means nothing: found `$verson`, expected `$version`, the only one there is (hint: write `$version` where the arm's version stands)
          at signals.p.prometheus.arms.label.canary
    "#]],
    );
    told(
        &by_label(&format!("{REQUESTS}, label: a-b")),
        &expect![[r#"
        tidegate.yaml:8:99: TG-1016: this is not the name of a label: found `a-b`, expected the name of a label such as `version` (hint: letters, digits and underscores, as Prometheus has them)
          at signals.p.prometheus.arms.label.label
    "#]],
    );
}

#[test]
fn secrets_are_referred_to() {
    let with = |auth: &str| signal(&format!("url: http://p, auth: {auth}, arms: {{ label: {{ {REQUESTS} }} }}"));
    told(
        &with("{ bearer: s3cr3t }"),
        &expect![[r#"
        tidegate.yaml:8:62: TG-1017: a secret is never written into a policy: found a text, expected `{ from_env: … }` or `{ from_file: … }`; a value written here is kept in the journal for ever (hint: write where it is read from when it is used)
          at signals.p.prometheus.auth.bearer
    "#]],
    );
    told(
        &with("{ basic: { user: 'a:b', password: x } }"),
        &expect![[r#"
        tidegate.yaml:8:69: TG-1016: this is not the name of a user: found `a:b`, expected the name of a user such as `tidegate` (hint: write one line without a colon)
          at signals.p.prometheus.auth.basic.user
        tidegate.yaml:8:86: TG-1017: a secret is never written into a policy: found a text, expected `{ from_env: … }` or `{ from_file: … }`; a value written here is kept in the journal for ever (hint: write where it is read from when it is used)
          at signals.p.prometheus.auth.basic.password
    "#]],
    );
    told(
        &signal("url: http://me:pw@p, arms: { label: { requests: a, errors: b } }"),
        &expect![[r#"
        tidegate.yaml:8:36: TG-1017: a secret is never written into a policy: found credentials in a URL, expected none; what is written here is kept in the journal for ever (hint: leave them out; a command hook can read them from its environment)
          at signals.p.prometheus.url
    "#]],
    );
    fine(&with("{ basic: { user: me, password: { from_file: /p } } }"));
}

#[test]
fn arms_that_are_the_same() {
    told(
        &by_label(&format!("{REQUESTS}, canary: x, stable: x")),
        &expect![[r#"
        tidegate.yaml:8:111: TG-1033: both arms count the same: both arms are `x`, so that each version would be compared with itself (hint: write `$version` where the version stands, or another value for each arm)
          at signals.p.prometheus.arms.label.stable
    "#]],
    );
    let queries = |canary: &str, stable: &str| {
        signal(&format!("url: http://p, arms: {{ queries: {{ canary: {{ {canary} }}, stable: {{ {stable} }} }} }}"))
    };
    told(
        &queries(REQUESTS, REQUESTS),
        &expect![[r#"
        tidegate.yaml:8:121: TG-1033: both arms count the same: both arms are `a`, so that each version would be compared with itself (hint: write `$version` where the version stands, or another value for each arm)
          at signals.p.prometheus.arms.queries.stable.requests
    "#]],
    );
    told(
        &queries(REQUESTS, "requests: c, errors: d, latency: { classic: x }"),
        &expect![[r#"
        tidegate.yaml:8:63: TG-1033: only one arm has response times: one arm has `latency`, the other has none, so that there is nothing to compare (hint: write `latency` for both arms, or for none)
          at signals.p.prometheus.arms.queries
    "#]],
    );
    fine(&queries(REQUESTS, "requests: c, errors: d"));
}

#[test]
fn two_sources_of_the_same_counts() {
    let text = by_label(REQUESTS).replace("signals: {", "signals: { g: { gate: {} }, s: { push: {} },");
    let with = |names: &str| text.replace("lever: edge }", &format!("lever: edge, signals: {names} }}"));
    told(
        &with("[g, s, p]"),
        &expect![[r#"
        tidegate.yaml:3:55: TG-1033: two signals count the same requests: `g` counts the requests already, and `p` would count them again (hint: keep the one that is nearer to users; a `push` signal may stand beside it)
          at services.shop.signals[2]
    "#]],
    );
    fine(&with("[s, p]"));
}

#[test]
fn times_that_cannot_work() {
    let with = |times: &str| signal(&format!("url: http://p, {times}, arms: {{ label: {{ {REQUESTS} }} }}"));
    told(
        &with("lag: 30 s"),
        &expect![[r#"
        tidegate.yaml:8:51: TG-1036: no measurement would ever be fresh: samples come 30 s late, and in the rollout `canary` they are stale after 30 s (hint: make `lag` shorter, or `stale_after` of that rollout longer than 30 s)
          at signals.p.prometheus.lag
    "#]],
    );
    told(
        &with("timeout: 10 s"),
        &expect![[r#"
        tidegate.yaml:8:55: TG-1015: a duration is out of range: found `10 s`, expected a duration from 1 ms to 9 s (hint: write a duration in that range, such as `5 s`)
          at signals.p.prometheus.timeout
    "#]],
    );
}
