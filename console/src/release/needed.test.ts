import { expect, test } from 'vitest';
import type { Finding, Release } from '../api/generated';
import { nearness } from './verdict';
import { timeStillNeeded } from './needed';

function release(needed: (number | null)[]): Release {
  const findings = needed.map((requests_still_needed) => ({
    pass: { required: true, reached: false, requests_still_needed, margin: 0, evidence: 1, needed: 20 },
  })) as Finding[];
  return { verdict: { findings }, arms: { from_ms: 0, to_ms: 10_000, canary: { last: { requests: 50 } } } } as unknown as Release;
}

test('the slowest metric says how long it takes', () => {
  expect(timeStillNeeded(release([100, 600]))).toContain('about 2 min more');
  expect(timeStillNeeded(release([]))).toBeUndefined();
  expect(timeStillNeeded(release([100, null]))).toContain('cannot be told');
});

test('evidence is near by its logarithm', () => {
  expect(nearness(1, 20)).toBe(0);
  expect(nearness(0.5, 20)).toBe(0);
  expect(nearness(20, 20)).toBe(1);
  expect(nearness(1e300, 20)).toBe(1);
  expect(nearness(Math.sqrt(20), 20)).toBeCloseTo(0.5);
});
