//! Every route of the description meets what no sensible client sends. Nothing may be answered with 500, and every error has
//! the shape of every error. Seeded, so that a finding can be found again.

use crate::openapi::operations;
use crate::world::{BEGIN, World};
use axum::body::Bytes;
use serde_json::{Map, Value, json};

const SEED: u64 = 0x7469_6465_6761_7465;
const MUTANTS: usize = 120;

/// A body that each route with one accepts, to be bent.
fn sample(path: &str) -> Value {
    match path {
        "/v1/releases" => json!({"service": "shop", "channel": "production", "type": "feature", "version": "2.0.0",
            "digest": "sha256:1", "note": "n", "supersede": false, "lift_quarantine": "why"}),
        "/v1/tokens" => json!({"name": "fuzz", "scopes": ["read", "signal"], "expires_at_ms": BEGIN + 1_000_000_000}),
        "/v1/releases/{id}/alarms" => json!({"kind": "integrity", "detail": "d"}),
        "/v1/releases/{id}/measurements" => json!({"from_ms": BEGIN, "to_ms": BEGIN + 10_000,
            "stable": {"requests": 9, "errors": 1, "latency_us": [1, 2, 3]},
            "canary": {"requests": 9, "errors": 1, "latency_buckets": [[1, 2], [3, 4]], "user_buckets": [[1, 1, 1]]}}),
        "/v1/releases/{id}/resume" => json!({}),
        "/v1/releases/{id}/advance" => json!({"reason": "r", "phase": 0}),
        "/v1/releases/{id}/pause" | "/v1/releases/{id}/abort" | "/v1/releases/{id}/rollback" => json!({"reason": "r"}),
        flags => flag_sample(flags),
    }
}

/// The same for routes about flags.
fn flag_sample(path: &str) -> Value {
    let flag = json!({"key": "f", "kind": "release", "value_type": "boolean", "owner": "ada", "description": "d",
        "variants": [{"name": "on", "value": true}, {"name": "off", "value": false}], "off": "off",
        "prerequisites": [{"flag": "g", "variants": ["on"]}], "metadata": {"a": 1}, "channels": {}});
    let decision = json!({"rules": {"rules": [{"name": "n", "when": {"all": [
        {"is": {"attribute": "a", "one_of": ["b", 1, true]}}, {"not": {"segment": {"name": "s"}}},
        {"version": {"attribute": "v", "op": "^", "version": "1.2.3"}}]}, "serve": {"variant": "on"}}],
        "otherwise": {"split": {"weights": [{"variant": "on", "weight": 1}, {"variant": "off", "weight": 99_999}]}}}});
    let step = json!({"turn": {"channel": "production", "on": true}});
    match path {
        "/v1/flags" => json!({"flag": flag, "reason": "r"}),
        "/v1/flags/{key}" => json!({"flag": flag, "reason": "r", "revision": 1}),
        "/v1/flags/{key}/on" | "/v1/flags/{key}/off" => json!({"channel": "production", "reason": "r", "revision": 1}),
        "/v1/flags/{key}/kill" => json!({"channel": "production", "reason": "r"}),
        "/v1/flags/{key}/channels/{channel}" => json!({"decision": decision, "reason": "r", "revision": 1}),
        "/v1/flags/{key}/schedule" => json!({"at_ms": BEGIN + 1_000_000_000, "step": step, "reason": "r"}),
        "/v1/flags/{key}/archive"
        | "/v1/flags/{key}/restore"
        | "/v1/flags/{key}/schedule/{id}"
        | "/v1/segments/{name}" => {
            json!({"reason": "r", "revision": 0, "segment": {"name": "s", "when": {"present": {"attribute": "a"}}}})
        }
        "/v1/flags/{key}/undo" => json!({"of": 1, "reason": "r"}),
        "/v1/flags/{key}/explain" => {
            json!({"channel": "production", "context": {"targetingKey": "ada", "a": [1, {"b": 2}]}})
        }
        "/v1/flags/import" => json!({"channel": "production", "reason": "r", "owner": "ada", "document": {"flags": {
            "f": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "on",
                "targeting": {"if": [{"==": [{"var": "a"}, 1]}, "on", {"fractional": [["on", 1], ["off", 1]]}]}}}}}),
        "/ofrep/v1/evaluate/flags" | "/ofrep/v1/evaluate/flags/{key}" => {
            json!({"context": {"targetingKey": "ada", "a": [1]}})
        }
        "/openfeature/v0/manifest/flags" | "/openfeature/v0/manifest/flags/{key}" => {
            json!({"key": "f", "type": "boolean", "description": "d", "defaultValue": false})
        }
        "/v1/exposures" => json!({"channel": "production", "events": [
            {"kind": "exposure", "flag": "f", "variant": "on", "unit": "ada", "at_ms": BEGIN, "id": "1"},
            {"kind": "metric", "name": "signup", "unit": "ada", "value": 1.5, "at_ms": BEGIN, "id": "2"}]}),
        "/v1/logs" => json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [{"timeUnixNano": "1795000000000000000",
            "eventName": "feature_flag.evaluation", "attributes": [
                {"key": "feature_flag.key", "value": {"stringValue": "f"}},
                {"key": "feature_flag.result.variant", "value": {"stringValue": "on"}},
                {"key": "feature_flag.context.id", "value": {"stringValue": "ada"}}]}]}]}]}),
        other => panic!("{other} takes a body: give the fuzzer one to begin with"),
    }
}

/// xorshift64*: enough to bend JSON.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap() % sides
    }

    fn odd_value(&mut self) -> Value {
        let odd = [
            json!(null),
            json!(true),
            json!(0),
            json!(-1),
            json!(1.5),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(1e308),
            json!(""),
            json!(" "),
            json!("\u{0}"),
            json!("\u{202e}\u{feff}"),
            json!("😀".repeat(1_000)),
            json!("../../etc/passwd"),
            json!("<script>alert(1)</script>"),
            json!("'; drop table entries; --"),
            json!([]),
            json!([[]]),
            json!({}),
            json!({"a": {"b": [1, 2, 3]}}),
        ];
        odd[self.roll(odd.len())].clone()
    }

    /// Changes one place of a value.
    fn bend(&mut self, value: &mut Value) {
        match value {
            Value::Object(fields) if !fields.is_empty() && self.roll(4) > 0 => self.bend_field(fields),
            Value::Array(items) if !items.is_empty() && self.roll(4) > 0 => {
                let at = self.roll(items.len());
                match self.roll(3) {
                    0 => drop(items.remove(at)),
                    1 => items.push(items[at].clone()),
                    _ => self.bend(&mut items[at]),
                }
            }
            _ => *value = self.odd_value(),
        }
    }

    fn bend_field(&mut self, fields: &mut Map<String, Value>) {
        let at = self.roll(fields.len());
        let name = fields.keys().nth(at).unwrap().clone();
        match self.roll(5) {
            0 => drop(fields.remove(&name)),
            1 => drop(fields.insert(format!("{name}_"), Value::Null)),
            _ => self.bend(fields.get_mut(&name).unwrap()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_makes_the_server_stumble() {
    let world = World::new().await;
    world.ramping().await;
    let mut dice = Dice(SEED);
    let mut sent = 0;
    for (method, path, _) in operations() {
        for _ in 0..MUTANTS {
            let at = place(&mut dice, &path);
            let (kind, body) = if matches!(method.as_str(), "POST" | "PUT")
                || (method == "DELETE" && !path.starts_with("/v1/tokens") && !path.starts_with("/openfeature/"))
            {
                content(&mut dice, &path)
            } else {
                (None, Bytes::new())
            };
            let opening = world.admin().send(&method, &at, kind, body.clone()).await;
            let status = opening.status.as_u16();
            assert!(status < 500, "{method} {at} {body:?}: {status}");
            if !opening.is_stream() {
                // Checks the shape of errors.
                opening.whole().await;
            }
            sent += 1;
        }
    }
    assert!(sent > 2_000);
    let report = world.admin().get("/v1/journal/verify").await.expect(200);
    assert_eq!(report["ok"], true);
}

fn place(dice: &mut Dice, path: &str) -> String {
    let ids = [
        "f",
        "production",
        "1",
        "r1",
        "r1",
        "r2",
        "t1",
        "t2",
        "r0",
        "x",
        "%00",
        "%ff",
        "%2e%2e",
        "r1%20",
        "r18446744073709551616",
        "😀",
    ];
    let id = percent_encoded(ids[dice.roll(ids.len())]);
    let queries = [
        "",
        "",
        "?limit=1",
        "?limit=18446744073709551616",
        "?limit=-1",
        "?after=18446744073709551615",
        "?after=",
        "?before=r1",
        "?before=%ff",
        "?over=perhaps",
        "?stream=%00",
        "?stream=tokens",
        "?anchor=1:zz",
        "?a=b&a=c",
        "?channel=production",
        "?channel=production&control=on",
        "?=",
        "?%",
        "?&&&",
    ];
    let mut at = path.to_string();
    for name in ["{id}", "{key}", "{channel}", "{name}"] {
        at = at.replace(name, &id);
    }
    format!("{at}{}", queries[dice.roll(queries.len())])
}

fn percent_encoded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_string();
    }
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

fn content(dice: &mut Dice, path: &str) -> (Option<&'static str>, Bytes) {
    let mut value = sample(path);
    for _ in 0..dice.roll(4) {
        dice.bend(&mut value);
    }
    let mut text = value.to_string().into_bytes();
    match dice.roll(12) {
        0 => text.truncate(dice.roll(text.len() + 1)),
        1 => text.push(b'}'),
        2 => text = vec![0xff, 0xfe, 0x00],
        3 => text = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000)).into_bytes(),
        4 => text = b"{\"reason\":\"a\",\"reason\":\"b\"}".to_vec(),
        5 => text = b"{\"reason\":\"\\ud800\"}".to_vec(),
        _ => {}
    }
    let kinds = [Some("application/json"), Some("application/json"), Some("application/json"), Some("text/html"), None];
    (kinds[dice.roll(kinds.len())], text.into())
}
