//! Forecasts as lines for people.

use super::{Metric, MetricForecast, PhaseForecast, Standing, TOO_LITTLE, Traffic, seconds_of};
use crate::paint::Paint;
use crate::render::number;
use engine::Millis;

/// What the forecasts of a service rest on: `20/s, of which 0.1 % fail (said by the policy)`.
pub(crate) fn origin(traffic: &Traffic) -> String {
    let known = if traffic.tail.is_some() { "" } else { "; nothing is known of response times" };
    format!(
        "{}/s, of which {} % fail (said by {}){known}",
        digits(traffic.requests, Round::Nearest),
        digits(100.0 * traffic.error_rate, Round::Nearest),
        traffic.said_by
    )
}

/// One line for each phase and metric, and one with what would mend those that need it.
pub(crate) fn lines(phase: &PhaseForecast, traffic: &Traffic, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    for metric in &phase.metrics {
        let said = sentence(phase, metric, traffic);
        lines.push(match metric.standing {
            Standing::Enough => format!("{} {said}", paint.green("ok")),
            Standing::WithExtension => format!("{} {said}", paint.yellow("slow")),
            Standing::TooLittle => format!("{} {said}", paint.yellow(&format!("warning[{TOO_LITTLE}]"))),
        });
        if metric.standing != Standing::Enough {
            lines.push(format!("   {}", mends(metric)));
        }
    }
    lines
}

/// `phase 1 (5 % for 30 min) cannot exclude a rise of 0.1 points at 20/s: that takes 6.0 h; within 30 min it excludes 0.55
/// points`
fn sentence(phase: &PhaseForecast, metric: &MetricForecast, traffic: &Traffic) -> String {
    let name = format!("phase {} ({} for {})", phase.phase, phase.share, phase.soak);
    let margin = amount(metric.metric, metric.margin, Round::Nearest);
    let asked = match metric.metric {
        Metric::ErrorRate => format!("a rise of {margin}"),
        Metric::Latency(quantile) => format!("a slow-down of {margin} at {quantile}"),
    };
    let takes = match metric.passed_after_s {
        Some(seconds) => format!("that takes {}", about(seconds)),
        None => "no time is enough".to_owned(),
    };
    let within = |than: &str| match metric.excluded_within_soak {
        Some(least) => format!("within {} it excludes {}{than}", phase.soak, amount(metric.metric, least, Round::Up)),
        None => format!("within {} it excludes nothing", phase.soak),
    };
    let excludes = match (metric.standing, metric.passed_after_s) {
        (Standing::Enough, Some(seconds)) => format!("{name} excludes {asked} after {}", about(seconds)),
        (Standing::WithExtension, _) => {
            format!("{name} excludes {asked} only when it is extended: {takes}; {}", within(""))
        }
        (Standing::TooLittle | Standing::Enough, _) => {
            let rate = digits(traffic.requests, Round::Nearest);
            format!("{name} cannot exclude {asked} at {rate}/s: {takes}; {}", within(""))
        }
    };
    match metric.detected_within_soak {
        Some(harm) => format!("{excludes}; it proves harm from {} on", amount(metric.metric, harm, Round::Up)),
        None => format!("{excludes}; it proves no harm"),
    }
}

/// What would do instead, each by itself.
fn mends(metric: &MetricForecast) -> String {
    let soak = metric.passed_after_s.and_then(whole).map(|soak| format!("`soak: {soak}`"));
    let share = metric.share_that_would_do.map(|share| format!("`share: {:.0} %`", 100.0 * share));
    let key = match metric.metric {
        Metric::ErrorRate => "error_rate",
        Metric::Latency(_) => "response_time",
    };
    let coarser = metric.excluded_within_soak.filter(|least| *least > metric.margin);
    let margin = coarser.map(|least| format!("`{key}: {}`", amount(metric.metric, least, Round::Up)));
    let ways: Vec<_> = [soak, share, margin].into_iter().flatten().collect();
    match ways.as_slice() {
        [] => "nothing of this phase would mend that: it needs more traffic".to_owned(),
        ways => format!("enough would be {}", ways.join(", or ")),
    }
}

/// One line for a service of which nothing can be forecast.
pub(crate) fn unplanned(missing: &str, paint: Paint) -> String {
    format!("{} {missing}", paint.dim("no forecast:"))
}

fn amount(metric: Metric, value: f64, round: Round) -> String {
    let value = digits(100.0 * value, round);
    match metric {
        Metric::ErrorRate => format!("{value} points"),
        Metric::Latency(_) => format!("{value} %"),
    }
}

/// A time that is only known roughly.
fn about(seconds: f64) -> String {
    match seconds {
        s if s < 90.0 => format!("{s:.0} s"),
        s if s < 7_200.0 => format!("{:.0} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.1} h", s / 3_600.0),
        s => format!("{} d", number::thousands((s / 86_400.0).round() as u64)),
    }
}

/// A time that a policy could say, not shorter: whole minutes, from two hours on quarters of an hour. Nothing beyond what a
/// soak may be.
fn whole(seconds: f64) -> Option<Millis> {
    let step = if seconds < 7_200.0 { 60.0 } else { 900.0 };
    let soak = Millis::seconds(((seconds / step).ceil() * step) as u64);
    (seconds_of(soak) <= LONGEST_S).then_some(soak)
}

#[derive(Clone, Copy)]
enum Round {
    Nearest,
    Up,
}

/// Two significant digits, without zeros at the end.
fn digits(value: f64, round: Round) -> String {
    if !value.is_finite() || value <= 0.0 {
        return "0".to_owned();
    }
    let places = 1 - value.log10().floor() as i32;
    let (whole, scale) = if places > 0 { (value * 10_f64.powi(places), places) } else { (value, 0) };
    let whole = match round {
        Round::Nearest => whole.round(),
        Round::Up => (whole - 1e-6).ceil(),
    };
    let text = format!("{:.*}", usize::try_from(scale).unwrap_or(0), whole / 10_f64.powi(scale));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// 90 days, as the language has it.
const LONGEST_S: f64 = 7_776_000.0;
