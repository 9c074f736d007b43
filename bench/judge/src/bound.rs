//! How sure a count of rare events makes: the exact upper bound of Clopper and Pearson.

/// The largest probability that is compatible, at this confidence, with `events` in `runs`.
#[must_use]
pub fn upper_bound(events: u64, runs: u64, confidence: f64) -> f64 {
    if events >= runs {
        return 1.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if at_most(events, runs, middle) > 1.0 - confidence {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// The chance of at most so many events.
fn at_most(events: u64, runs: u64, p: f64) -> f64 {
    let (n, ln_p, ln_q) = (runs as f64, libm::log(p), libm::log1p(-p));
    (0..=events)
        .map(|event| {
            let k = event as f64;
            let ways = libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
            libm::exp(ways + k * ln_p + (n - k) * ln_q)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_bound_of_the_tables() {
        // None of 2,000: 1 - 0.01^(1/2000). Four of 400 at 95 %: 2.27 %, as published tables have it.
        assert!((upper_bound(0, 2_000, 0.99) - 0.002_299_9).abs() < 1e-6);
        assert!((upper_bound(4, 400, 0.95) - 0.022_75).abs() < 1e-4);
        assert_eq!(upper_bound(5, 5, 0.99), 1.0);
    }
}
