//! Figures for Prometheus.

use crate::world::World;
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test(start_paused = true)]
async fn figures_say_what_is_and_nothing_that_a_client_made_up() {
    let world = World::new().await;
    let id = world.ramping().await;
    world.nobody().get("/made/up/path").await.refused(404, "TG-6010");
    let answer = world.admin().get("/metrics").await;
    assert_eq!(answer.headers["content-type"], "text/plain; version=0.0.4");
    let text = answer.text();
    for line in [
        "tidegate_leading 1",
        "tidegate_releases{stage=\"ramping\"} 1",
        "tidegate_releases{stage=\"completed\"} 0",
        "tidegate_http_requests_total{method=\"POST\",route=\"/v1/releases\",status=\"201\"} 1",
        "tidegate_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 1",
    ] {
        assert!(text.lines().any(|l| l == line), "{line} is missing in\n{text}");
    }
    let labels = format!("{{release=\"{id}\",service=\"shop\",channel=\"production\",version=\"2.0.0\"}}");
    assert!(text.contains(&format!("tidegate_release_share_confirmed_ratio{labels} 0.05\n")), "{text}");
    assert!(text.contains(&format!("tidegate_release_soak_target_seconds{labels} 1800\n")), "{text}");
    assert!(!text.contains("made"), "{text}");

    world.admin().post(&format!("/v1/releases/{id}/rollback"), &json!({"reason": "bad"})).await.expect(200);
    let text = world.admin().get("/metrics").await.text().to_string();
    let line = "tidegate_rollbacks_total{service=\"shop\",channel=\"production\",why=\"person\"} 1";
    assert!(text.contains(line), "{text}");
}

/// Each family is described once, before its samples, and each sample is there once.
#[tokio::test(start_paused = true)]
async fn the_text_is_what_prometheus_reads() {
    let world = World::new().await;
    world.ramping().await;
    let answer = world.admin().get("/metrics").await;
    let (mut described, mut samples) = (BTreeSet::new(), BTreeSet::new());
    for line in answer.text().lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            assert!(described.insert(rest.split(' ').next().unwrap()), "{line}");
        } else if !line.starts_with('#') {
            let (series, value) = line.rsplit_once(' ').unwrap();
            value.parse::<f64>().unwrap();
            assert!(samples.insert(series), "{line}");
            assert!(described.contains(series.split('{').next().unwrap()), "{line}");
        }
    }
    assert!(samples.len() > 20);
}
