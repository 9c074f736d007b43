//! The policy of one service of many: a canary phase that outlasts every run.

use crate::service;
use policy::Policy;
use std::sync::Arc;

pub(crate) fn of(number: usize) -> Result<Arc<Policy>, crate::Failure> {
    let service = service::name(number);
    let text = format!(
        "extends: standard
services:
  {service}:
    target: machines
    lever: router
    signals: [counts]
    live: \"1.0\"
targets:
  machines: {{ command: {{ deploy: ./up, promote: ./promote, withdraw: ./down }} }}
levers:
  router: {{ command: {{ shift: ./shift, observe: ./observe }} }}
signals:
  counts: {{ push: {{}} }}
rollouts:
  long:
    extends: canary
    interval: {interval} s
    phases:
      - {{ share: 5 %, soak: 24 h }}
      - {{ share: 100 % }}
    judge: {{ false_alarms: 0.001 %, warm_up: 15 s }}
types:
  feature: {{ rollout: long }}
",
        interval = crate::INTERVAL.as_secs(),
    );
    Ok(Arc::new(policy::read(&text, "tidegate.yaml").map_err(|problems| problems.render(false))?))
}
