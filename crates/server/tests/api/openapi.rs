//! The description of the API is fresh, and says of each route what the router enforces.

use crate::ask::Client;
use crate::world::World;
use axum::body::Bytes;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What is needed where any token that is good is let in.
const ANY: &str = "any token";

/// Method, path, scope; nothing where no token is needed.
pub(crate) fn operations() -> Vec<(String, String, Option<String>)> {
    let document = serde_json::to_value(server::openapi()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let token = operation["security"][0]["token"].as_array();
            let scope = token.map(|scopes| scopes.first().and_then(Value::as_str).unwrap_or(ANY).to_string());
            all.push((method.to_uppercase(), path.clone(), scope));
        }
    }
    all
}

#[test]
fn the_checked_in_description_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/openapi.json");
    let mut now = server::openapi().to_pretty_json().unwrap();
    now.push('\n');
    if std::env::var_os("TIDEGATE_BLESS").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let then = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        now == then,
        "docs/reference/openapi.json is stale: run the tests with TIDEGATE_BLESS=1 and look at the diff"
    );
}

#[tokio::test(start_paused = true)]
async fn the_server_hands_out_its_description() {
    let world = World::new().await;
    let served = world.admin().get("/openapi.json").await.expect(200);
    assert_eq!(served, serde_json::to_value(server::openapi()).unwrap());
    assert!(served["components"]["schemas"]["Problem"].is_object());
}

#[test]
fn every_operation_tells_of_errors_and_every_reference_leads_somewhere() {
    let document = serde_json::to_value(server::openapi()).unwrap();
    let mut names = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let problem = &operation["responses"]["default"]["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(problem, "#/components/schemas/Problem", "{method} {path}");
            assert!(names.insert(operation["operationId"].as_str().unwrap()), "{method} {path}: the name is taken");
            assert!(operation["summary"].is_string() || operation["description"].is_string(), "{method} {path}");
        }
    }
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 50);
    for reference in references {
        assert!(document.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            references.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_string));
            fields.values().for_each(|value| collect(value, references));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, references)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Nobody gets past the door without a token, and a token with every scope but the right one gets no further.
#[tokio::test(start_paused = true)]
async fn every_operation_needs_the_scope_that_it_names() {
    let world = World::new().await;
    let mut lacking: BTreeMap<&str, Client> = BTreeMap::new();
    for scope in ["read", "operate", "signal", "admin"] {
        let others: Vec<_> = ["read", "operate", "signal"].into_iter().filter(|other| *other != scope).collect();
        let ask = json!({"name": format!("all-but-{scope}"), "scopes": others});
        let secret = world.admin().post("/v1/tokens", &ask).await.expect(201)["secret"].clone();
        lacking.insert(scope, world.holder_of(secret.as_str().unwrap()));
    }
    let (mut open, mut shut) = (Vec::new(), 0);
    for (method, path, scope) in operations() {
        let at = path.replace("{id}", "r1");
        if matches!(path.as_str(), "/healthz" | "/readyz") {
            open.push(path);
            continue;
        }
        let kind = matches!(method.as_str(), "POST" | "PUT").then_some("application/json");
        let nobody = world.nobody().send(&method, &at, kind, Bytes::new()).await.whole().await;
        if path.starts_with("/ofrep/") {
            nobody.expect(401);
            continue;
        }
        nobody.refused(401, "TG-6001");
        shut += 1;
        // What a token may do with flags is asked of its roles: see the tests of flags.
        let Some(scope) = scope.filter(|scope| scope != ANY) else { continue };
        let other = lacking[scope.as_str()].send(&method, &at, kind, Bytes::new()).await.whole().await;
        assert!(other.refused(403, "TG-6005").detail.contains(&scope), "{method} {path}");
    }
    assert_eq!(open, ["/healthz", "/readyz"]);
    assert!(shut > 20);
}
