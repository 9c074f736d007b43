// The columns of a chart, from the columns of the server. Each point is over a trailing window: one interval of a small share
// holds a handful of requests, whose error rate jumps between 0 and 25 %.
import type { ArmSeries, Series } from '../api/generated';

/** How many intervals a point is over. */
export const WINDOW = 6;

export type Columns = (number | null)[][];

export function append(before: Series, more: Series): Series {
  if (before.last >= more.last) return before;
  return {
    from_ms: [...before.from_ms, ...more.from_ms],
    to_ms: [...before.to_ms, ...more.to_ms],
    share_percent: [...before.share_percent, ...more.share_percent],
    stable: appendArm(before.stable, more.stable),
    canary: appendArm(before.canary, more.canary),
    last: more.last,
    next_after: more.next_after ?? null,
  };
}

function appendArm(before: ArmSeries, more: ArmSeries): ArmSeries {
  return {
    requests: [...before.requests, ...more.requests],
    errors: [...before.errors, ...more.errors],
    p50_us: [...before.p50_us, ...more.p50_us],
    p95_us: [...before.p95_us, ...more.p95_us],
    p99_us: [...before.p99_us, ...more.p99_us],
  };
}

/** Failed in percent, for both arms. */
export function errorColumns(series: Series): Columns {
  return [seconds(series), errorsOf(series.stable), errorsOf(series.canary)];
}

/** The 95th percentile in milliseconds, for both arms. */
export function latencyColumns(series: Series): Columns {
  return [seconds(series), latencyOf(series.stable), latencyOf(series.canary)];
}

/** The share that was in force and the one that was seen. */
export function shareColumns(series: Series): Columns {
  const seen = series.to_ms.map((_, at) => {
    const canary = sum(series.canary.requests, at);
    const stable = sum(series.stable.requests, at);
    return canary === null || stable === null || canary + stable === 0 ? null : (canary / (canary + stable)) * 100;
  });
  return [seconds(series), series.share_percent, seen];
}

function seconds(series: Series): number[] {
  return series.to_ms.map((ms) => ms / 1_000);
}

function errorsOf(arm: ArmSeries): (number | null)[] {
  return arm.requests.map((_, at) => {
    const requests = sum(arm.requests, at);
    return requests ? ((sum(arm.errors, at) ?? 0) / requests) * 100 : null;
  });
}

/** Weighted by requests: a mean of quantiles is no quantile, and near enough to see a change. */
function latencyOf(arm: ArmSeries): (number | null)[] {
  return arm.p95_us.map((_, at) => {
    let [weight, total] = [0, 0];
    for (let i = Math.max(0, at - WINDOW + 1); i <= at; i += 1) {
      const [us, requests] = [arm.p95_us[i], arm.requests[i]];
      if (us != null && requests) {
        weight += requests;
        total += us * requests;
      }
    }
    return weight > 0 ? total / weight / 1_000 : null;
  });
}

/** Nothing where nothing was measured in the interval itself: a gap stays a gap. */
function sum(column: (number | null)[], at: number): number | null {
  if (column[at] == null) return null;
  let total = 0;
  for (let i = Math.max(0, at - WINDOW + 1); i <= at; i += 1) total += column[i] ?? 0;
  return total;
}
