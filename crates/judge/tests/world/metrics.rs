//! Every metric there is: users, latency, requests begun, business metrics and a series.

use judge::{Allowed, Arm, Block, Direction, Mean, MeanRule, SeriesRule, Settings};

use super::chance::Chance;

/// With so many business metrics.
pub(crate) fn all_metrics(means: usize) -> Settings {
    let (direction, allowed) = (Direction::HigherIsBetter, Allowed::Relative(0.1));
    let mean = MeanRule { name: "orders".into(), direction, allowed, required: true, winsorised: None };
    let means = (0..means)
        .map(|number| match number % 2 {
            0 => mean.clone(),
            _ => MeanRule { name: "basket".into(), allowed: Allowed::Absolute(0.3), ..mean.clone() },
        })
        .collect();
    let series = SeriesRule { name: "heap".into(), direction: Direction::LowerIsBetter, allowed, required: true };
    Settings { means, series: vec![series], ..Settings::default() }
}

/// The block of that number with what a service does not tell by itself.
pub(crate) fn completed(mut block: Block, chance: &mut Chance, number: i64, means: usize) -> Block {
    for arm in [&mut block.stable, &mut block.canary].into_iter().flatten() {
        complete(arm, chance, means);
    }
    block.series = vec![(number % 3 == 0).then(|| (500.0 + chance.normal(), 501.0 + chance.normal()))];
    block
}

fn complete(arm: &mut Arm, chance: &mut Chance, means: usize) {
    arm.started = Some(arm.requests + u64::from(chance.uniform() < 0.1));
    arm.fresh_errors = Some(arm.errors - u64::from(arm.errors > 0 && chance.uniform() < 0.2));
    let values: Vec<f64> = (0..arm.requests / 10).map(|_| 3.0 + chance.normal()).collect();
    let sum_squares = values.iter().map(|value| value * value).sum();
    arm.means = vec![Mean { count: values.len() as u64, sum: values.iter().sum(), sum_squares }; means];
}
