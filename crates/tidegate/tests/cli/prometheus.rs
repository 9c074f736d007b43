//! A service that Prometheus counts, and no Prometheus: the phase is held and says why, and nobody is blamed.

use crate::environment::Environment;
use std::net::TcpListener;

#[test]
fn a_phase_is_held_while_prometheus_is_away_and_says_so() {
    let env = Environment::new();
    env.write_policy();
    // A port where nobody listens.
    let away = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let policy = env.read("tidegate.yaml").replace("lever: anyhow,", "lever: anyhow, signals: [metrics],");
    let signal = format!(
        "signals:
  metrics:
    prometheus:
      url: http://{away}
      lag: 0 s
      arms: {{ label: {{ requests: http_requests_total, errors: \"http_requests_total{{code='500'}}\" }} }}
rollouts: {{ canary: {{ interval: 500 ms, stale_after: 1 s }}, direct: {{ interval: 500 ms, stale_after: 1 s }}, extended: {{ interval: 500 ms, stale_after: 1 s }} }}
"
    );
    env.write("tidegate.yaml", &format!("{policy}{signal}"));
    let checked = env.run("check");
    assert_eq!(checked.code, 0, "{}", checked.screen());
    let _server = env.serve();
    let opened = env.run("release open shop --version 1.1");
    assert_eq!(opened.code, 0, "{}", opened.screen());
    let blind = format!("blind: the signal cannot be reached: TG-5050: Prometheus does not answer at http://{away}/");
    env.wait_for("that it is blind", || env.run("release show latest").stdout.contains(&blind));
    let shown = env.run("release show latest --json");
    assert!(shown.stdout.contains("\"confirmed_percent\":5"), "{}", shown.screen());
    assert_eq!(env.read("share").trim(), "5", "users stay where they are");
}
