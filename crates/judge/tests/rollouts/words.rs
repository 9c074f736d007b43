//! What people read at the end of a rollout.

use judge::{Judge, Margins, Metric, Outcome, Settings, Subject};

use super::plan::{Rollout, progressive, release_margins};
use super::service::{Latency, Nature, Service};

fn ended(service: &Service) -> Judge {
    let latency = Latency::new();
    let mut rollout = Rollout::new(7, Settings::default(), &latency);
    rollout.run(&progressive(), |_| service.clone());
    rollout.judge
}

#[test]
fn harm_names_cause_counts_interval_and_budget() {
    let judge = ended(&Service { canary: Nature { errors: 0.05, slower_by: 0 }, ..Service::healthy() });
    let said = judge.verdict().sentence();
    for part in [
        "harm: errors: ",
        " against ",
        " requests; the rise is between ",
        "above the allowed 0.",
        "budget of this release is 1 %",
    ] {
        assert!(said.contains(part), "{part:?} is not in {said:?}");
    }
}

#[test]
fn a_pass_names_each_required_metric() {
    let judge = ended(&Service::healthy());
    let verdict = judge.verdict();
    assert_eq!(verdict.outcome, Outcome::Pass);
    let said = verdict.sentence();
    for part in
        ["pass: errors: ", "points, within the allowed 0.1; p50 ", "; p95 ", "; p99 ", " ms, within the allowed 10 %"]
    {
        assert!(said.contains(part), "{part:?} is not in {said:?}");
    }
}

#[test]
fn doubt_says_what_it_would_take() {
    let judge = ended(&Service { rate: 1.0, ..Service::healthy() });
    let verdict = judge.verdict();
    assert_eq!(verdict.outcome, Outcome::Undecided);
    assert!(verdict.sentence().starts_with("undecided: errors: "), "{}", verdict.sentence());
    assert!(verdict.sentence().contains("more canary requests, if things go on as they are"), "{}", verdict.sentence());
}

#[test]
fn it_says_what_it_does_not_speak_about() {
    let mut judge = Judge::new(Settings::default()).unwrap();
    let silent = |judge: &Judge| judge.verdict().not_judged.into_iter().map(|silent| silent.what).collect::<Vec<_>>();
    for what in [Subject::Throughput, Subject::BusinessMetrics, Subject::LatencyDispersion, Subject::Phase] {
        assert!(silent(&judge).contains(&what), "{what:?}");
    }
    assert!(silent(&judge).contains(&Subject::Metric(Metric::GrossLatency)));
    judge.enter_phase(0, &release_margins());
    assert!(!silent(&judge).contains(&Subject::Phase));
    judge.enter_phase(0, &Margins { error_rate: f64::NAN, ..release_margins() });
    let why = judge.verdict().not_judged.into_iter().find(|silent| silent.what == Subject::Phase).unwrap().why;
    assert!(why.contains("margins.error_rate"), "{why}");
}

#[test]
fn settings_that_make_no_sense_are_named() {
    let refused = |change: fn(&mut Settings)| {
        let mut settings = Settings::default();
        change(&mut settings);
        Judge::new(settings).unwrap_err().setting
    };
    assert_eq!(refused(|settings| settings.alpha_harm = f64::NAN), "alpha_harm");
    assert_eq!(refused(|settings| settings.alpha_pass = 0.0), "alpha_pass");
    assert_eq!(refused(|settings| settings.horizon_ms = 0), "horizon_ms");
    assert_eq!(refused(|settings| settings.warm_up_ms = -1), "warm_up_ms");
    assert_eq!(refused(|settings| settings.harm_margins.error_rate = 1.5), "margins.error_rate");
    assert_eq!(refused(|settings| settings.harm_margins.latency = f64::INFINITY), "margins.latency");
    let streak = |settings: &mut Settings| settings.error_streak.as_mut().unwrap().window_ms = 0;
    assert_eq!(refused(streak), "error_streak.window_ms");
}
