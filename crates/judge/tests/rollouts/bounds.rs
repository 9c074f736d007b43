//! A canary exactly at the margin: harm in at most 1 %, ever passed in at most 5 %, over 1,260 looks.

use judge::Margins;

use super::plan::{Phase, as_written, release_margins};
use super::service::{Nature, Service};
use super::{allowed, ends, harmed};

fn at_the_margin_of_errors(rate: f64, share: f64, base: f64) {
    let service = Service {
        rate,
        stable: Nature { errors: base, slower_by: 0 },
        canary: Nature { errors: base + 0.001, slower_by: 0 },
        measured: false,
        ..Service::healthy()
    };
    let margins = Margins { quantiles: Vec::new(), ..release_margins() };
    let ends = ends(0..300, &[Phase { share, blocks: 1_260, margins }], &service);
    assert!(harmed(&ends) <= allowed(0.01, ends.len()), "harm in {} of {}", harmed(&ends), ends.len());
    let passed = ends.iter().filter(|end| end.ever_passed).count();
    assert!(passed <= allowed(0.05, ends.len()), "passed {passed} of {}", ends.len());
}

#[test]
fn at_the_margin_with_few_errors() {
    at_the_margin_of_errors(100.0, 0.05, 0.0005);
}

#[test]
fn at_the_margin_with_many_errors() {
    at_the_margin_of_errors(100.0, 0.5, 0.005);
}

#[test]
fn exactly_ten_percent_slower_is_neither_harm_nor_passed() {
    let canary = Nature { errors: 0.001, slower_by: 5 };
    let ends = ends(0..25, &as_written(), &Service { canary, ..Service::healthy() });
    assert!(harmed(&ends) <= 1, "harm in {} of {}", harmed(&ends), ends.len());
    let passed = ends.iter().filter(|end| end.ever_passed).count();
    assert!(passed <= allowed(0.05, ends.len()), "passed {passed} of {}", ends.len());
}
