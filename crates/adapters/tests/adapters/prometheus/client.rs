//! Questions to a real server.

use super::apps::App;
use super::server::Server;
use crate::house::eventually;
use adapters::Prometheus;
use engine::{Millis, Timestamp};

#[tokio::test]
async fn a_moment_a_range_and_what_the_server_refuses() {
    let app = App::start("1.0").await;
    (0..5).for_each(|_| app.answer(200, 0.02));
    let server = Server::scraping(&[&app]).await;
    let client = Prometheus::new(&format!("{}/", server.url()), None, Millis(2_000)).unwrap();
    let metric = "http_requests_total";
    eventually("three scrapes", async || {
        let now = client.now().await.unwrap();
        let series = client.query(&format!("{metric}[10s]"), now).await.unwrap();
        series.first().is_some_and(|series| series.samples.len() >= 3)
    })
    .await;
    let now = client.now().await.unwrap();
    let vector = client.query(metric, now).await.unwrap();
    assert_eq!((vector.len(), vector[0].samples[0].1), (1, 5.0));
    assert_eq!((vector[0].labels["version"].as_str(), vector[0].labels["__name__"].as_str()), ("1.0", metric));
    let from = Timestamp(now.0 - 1_000);
    let range = client.query_range(&format!("{metric} * 2"), from, now, Millis(250)).await.unwrap();
    let at: Vec<i64> = range[0].samples.iter().map(|sample| sample.0.0 - from.0).collect();
    assert_eq!(at, [0, 250, 500, 750, 1_000]);
    assert!(range[0].samples.iter().all(|sample| sample.1 == 10.0));
    assert_eq!(client.query("no_such_metric", now).await.unwrap(), []);
    let refused = client.query("sum(", now).await.unwrap_err();
    assert_eq!((refused.code, refused.retry), ("TG-5053", false));
    assert!(refused.message.contains("status 400") && refused.message.contains("parse error"), "{refused}");
    assert_eq!(client.query("1", now).await.unwrap_err().code, "TG-5054", "a number is no series");
    let elsewhere = Prometheus::new(&format!("{}/metrics", server.url()), None, Millis(2_000)).unwrap();
    assert_eq!(elsewhere.now().await.unwrap_err().code, "TG-5053");
}
