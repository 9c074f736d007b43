//! Where a falling function is zero, by the method of Brent and Dekker. Kayenta's solver stops at an *absolute* distance of
//! 1e-4, so that its bounds depend on the unit of a metric; that is part of what is rebuilt.

/// How near is near enough.
const TOLERANCE: f64 = 1e-4;
const MOST_STEPS: usize = 1_001;

/// A point and the function there.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// The zero between two points; nothing when the function has no value on the way.
pub(super) fn zero(from: At, to: At, f: impl Fn(f64) -> Option<f64>) -> Option<f64> {
    if from.y == 0.0 {
        return Some(from.x);
    }
    if to.y == 0.0 {
        return Some(to.x);
    }
    // `best` is nearest to zero, `before` was, and the zero lies between `best` and `across`.
    let (mut before, mut best, mut across) = (from, to, from);
    for _ in 0..MOST_STEPS {
        let last_step = best.x - before.x;
        if across.y.abs() < best.y.abs() {
            (before, best, across) = (best, across, best);
        }
        let near = 2.0 * f64::EPSILON * best.x.abs() + TOLERANCE / 2.0;
        let half = (across.x - best.x) / 2.0;
        if half.abs() <= near || best.y == 0.0 {
            return Some(best.x);
        }
        let mut step = half;
        if last_step.abs() >= near && before.y.abs() > best.y.abs() {
            step = interpolated(before, best, across, last_step, near).unwrap_or(half);
        }
        if step.abs() < near {
            step = if step > 0.0 { near } else { -near };
        }
        before = best;
        best.x += step;
        best.y = f(best.x)?;
        if (best.y > 0.0 && across.y > 0.0) || (best.y < 0.0 && across.y < 0.0) {
            across = before;
        }
    }
    Some(best.x)
}

/// A step by a line through two points or a parabola through three, if it stays well inside.
fn interpolated(before: At, best: At, across: At, last_step: f64, near: f64) -> Option<f64> {
    let width = across.x - best.x;
    let (mut p, mut q);
    if before.x == across.x {
        let ratio = best.y / before.y;
        p = width * ratio;
        q = 1.0 - ratio;
    } else {
        let (far, ratio, slope) = (before.y / across.y, best.y / across.y, best.y / before.y);
        p = slope * (width * far * (far - ratio) - (best.x - before.x) * (ratio - 1.0));
        q = (far - 1.0) * (ratio - 1.0) * (slope - 1.0);
    }
    if p > 0.0 {
        q = -q;
    } else {
        p = -p;
    }
    let inside = p < 0.75 * width * q - (near * q).abs() / 2.0 && p < (last_step * q / 2.0).abs();
    inside.then(|| p / q)
}
