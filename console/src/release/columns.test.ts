import { expect, test } from 'vitest';
import type { Series } from '../api/generated';
import { append, errorColumns, latencyColumns, shareColumns } from './columns';

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
