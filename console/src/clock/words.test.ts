import { expect, test } from 'vitest';
import { latency, percent, points, span, utc } from './words';

test('spans have at most two units', () => {
  const cases: Array<[number, string]> = [
    [0, '0 ms'],
    [999, '999 ms'],
    [1_500, '1.5 s'],
    [59_000, '59 s'],
    [60_000, '1 min'],
    [90_500, '1 min 30 s'],
    [3_600_000, '1 h'],
    [12_600_000, '3 h 30 min'],
    [90_061_000, '1 d 1 h'],
    [-5_000, '-5 s'],
  ];
  for (const [ms, words] of cases) expect(span(ms)).toBe(words);
});

test('small differences keep the digits that matter', () => {
  expect(points(0.001)).toBe('+0.1 points');
  expect(points(-0.00055)).toBe('-0.055 points');
  expect(points(0)).toBe('0 points');
  expect(percent(0.05)).toBe('0.05 %');
  expect(percent(33.333)).toBe('33.3 %');
  expect(percent(0)).toBe('0 %');
});

test('latencies and moments', () => {
  expect([latency(850), latency(12_340), latency(2_500_000)]).toEqual(['850 µs', '12.3 ms', '2.5 s']);
  expect(utc(0)).toBe('1970-01-01 00:00:00 UTC');
});
