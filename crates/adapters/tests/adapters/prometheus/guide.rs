//! What the guide shows is a policy.

use adapters::Adapters;
use control::ports::Connect;
use policy::{PrometheusArms, Signal};

const GUIDE: &str = include_str!("../../../../../docs/guide/prometheus.md");

/// The first example, and the first with the arms of the second.
fn examples() -> [String; 2] {
    let blocks: Vec<&str> = GUIDE.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let [whole, arms] = blocks.as_slice() else { panic!("{} examples", blocks.len()) };
    let (before, rest) = whole.split_once("      arms:\n").unwrap();
    let (_, after) = rest.split_once("\nrollouts:").unwrap();
    [(*whole).to_owned(), format!("{before}{arms}\nrollouts:{after}")]
}

#[test]
fn both_examples_are_policies_that_can_be_connected() {
    let arms = examples().map(|example| {
        let policy = policy::read(&example, "tidegate.yaml").unwrap_or_else(|problems| panic!("{problems}"));
        let wiring = policy.compile("shop", "production", "feature").unwrap().wiring;
        assert!(Adapters::new(None).connect(&wiring).is_ok());
        let [Signal::Prometheus(wired)] = wiring.signals.as_slice() else { panic!("{:?}", wiring.signals) };
        wired.arms.clone()
    });
    assert!(matches!(&arms, [PrometheusArms::Label(_), PrometheusArms::Queries(_)]), "{arms:?}");
}
