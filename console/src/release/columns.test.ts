import { expect, test } from 'vitest';
import type { Series } from '../api/generated';
import { append, errorColumns, latencyColumns, shareColumns, windowOf } from './columns';

function series(canary: (number | null)[], errors: (number | null)[]): Series {
  const arm = (requests: (number | null)[], failed: (number | null)[]) => ({
    requests,
    errors: failed,
    p50_us: requests,
    p95_us: requests.map((value) => (value ? 20_000 : null)),
    p99_us: requests,
  });
  const steps = canary.map((_, at) => at * 1_000);
  return {
    from_ms: steps,
    to_ms: steps.map((ms) => ms + 1_000),
    share_percent: canary.map(() => 5),
    stable: arm(canary.map(() => 95), canary.map(() => 0)),
    canary: arm(canary, errors),
    last: canary.length,
    next_after: null,
  };
}

test('a point is over the last intervals, and a gap stays a gap', () => {
  const [time, stable, canary] = errorColumns(series([5, 5, null, 5], [0, 1, null, 0]));
  expect(time).toEqual([1, 2, 3, 4]);
  expect(stable).toEqual([0, 0, 0, 0]);
  expect(canary).toEqual([0, 10, null, (1 / 15) * 100]);
});

test('the share that was seen stands beside the one in force', () => {
  const [, asked, seen] = shareColumns(series([5, 0, null], [0, 0, null]));
  expect(asked).toEqual([5, 5, 5]);
  expect(seen).toEqual([5, (5 / 195) * 100, null]);
});

test('latency without requests is no latency', () => {
  const [, , canary] = latencyColumns(series([0, 5], [0, 0]));
  expect(canary).toEqual([null, 20]);
});

test('what was read before is not read again', () => {
  const first = series([5], [0]);
  const more = { ...series([7], [1]), last: 2 };
  const both = append(first, more);
  expect([both.canary.requests, both.last]).toEqual([[5, 7], 2]);
  expect(append(both, more)).toBe(both);
});

test('hours of intervals become as many points as a screen can show, and no request is left out', () => {
  const long = series(Array<number>(2_521).fill(5), [1, ...Array<number>(2_520).fill(0)]);
  const [time, , canary] = errorColumns(long);
  expect(time?.length).toBe(316);
  expect([time?.[0], time?.at(-1)]).toEqual([8, 2_521]);
  expect(windowOf(long)).toBe(8);
  expect(canary?.[0]).toBeCloseTo((1 / 40) * 100);
  const longer = errorColumns(series(Array<number>(2_530).fill(5), Array<number>(2_530).fill(0)));
  expect(longer[0]?.slice(0, 315), 'points stay where they were').toEqual(time?.slice(0, 315));
});
