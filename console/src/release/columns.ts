// The columns of a chart, from the columns of the server. Each point is over a trailing window: one interval of a small share
// holds a handful of requests, whose error rate jumps between 0 and 25 %.
import type { ArmSeries, Series } from '../api/generated';

/** How many intervals a point is over, at least. */
const WINDOW = 6;
/** More points than this are narrower than a pixel of most screens. */
const MOST_POINTS = 600;

/** Which intervals get a point: every so many, a power of two, so that points stay where they are while the series grows. */
function stepOf(series: Series): number {
  let step = 1;
  while (series.to_ms.length / step > MOST_POINTS) step *= 2;
  return step;
}

/** How many intervals a point is over: never fewer than lie between two points, so that nothing is left out. */
export function windowOf(series: Series): number {
  return Math.max(WINDOW, stepOf(series));
}

/** Points at every so many intervals, and at the last one. */
function points<T>(series: Series, value: (at: number, window: number) => T): T[] {
  const [step, window, last] = [stepOf(series), windowOf(series), series.to_ms.length - 1];
  const values: T[] = [];
  for (let at = step - 1; at <= last; at += step) values.push(value(at, window));
  if ((last + 1) % step !== 0) values.push(value(last, window));
  return values;
}

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
  return [seconds(series), errorsOf(series, series.stable), errorsOf(series, series.canary)];
}

/** The 95th percentile in milliseconds, for both arms. */
export function latencyColumns(series: Series): Columns {
  return [seconds(series), latencyOf(series, series.stable), latencyOf(series, series.canary)];
}

/** The share that was in force and the one that was seen. */
export function shareColumns(series: Series): Columns {
  const seen = points(series, (at, window) => {
    const canary = sum(series.canary.requests, at, window);
    const stable = sum(series.stable.requests, at, window);
    return canary === null || stable === null || canary + stable === 0 ? null : (canary / (canary + stable)) * 100;
  });
  return [seconds(series), points(series, (at) => series.share_percent[at] ?? null), seen];
}

function seconds(series: Series): number[] {
  return points(series, (at) => (series.to_ms[at] ?? 0) / 1_000);
}

function errorsOf(series: Series, arm: ArmSeries): (number | null)[] {
  return points(series, (at, window) => {
    const requests = sum(arm.requests, at, window);
    return requests ? ((sum(arm.errors, at, window) ?? 0) / requests) * 100 : null;
  });
}

/** Weighted by requests: a mean of quantiles is no quantile, and near enough to see a change. */
function latencyOf(series: Series, arm: ArmSeries): (number | null)[] {
  return points(series, (at, window) => {
    let [weight, total] = [0, 0];
    for (let i = Math.max(0, at - window + 1); i <= at; i += 1) {
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
function sum(column: (number | null)[], at: number, window: number): number | null {
  if (column[at] == null) return null;
  let total = 0;
  for (let i = Math.max(0, at - window + 1); i <= at; i += 1) total += column[i] ?? 0;
  return total;
}
