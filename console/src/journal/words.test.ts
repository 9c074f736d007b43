import { expect, test } from 'vitest';
import type { JournalEntry } from '../api/generated';
import { sentence } from './words';

function entry(kind: string, body: Record<string, unknown>): JournalEntry {
  return { position: 1, stream: 'release/r1', seq: 1, at_ms: 0, actor: 'Ana', kind, body, hash: '' };
}

test('what is known is said in words', () => {
  expect(sentence(entry('phase_entered', { phase: 1, share: 250_000 }))).toBe('phase 2 begins: 25 %');
  expect(sentence(entry('paused', { reason: 'lunch' }))).toBe('paused: lunch');
  expect(sentence(entry('rollback_step_done', { step: 'execute', detail: '1.1 is gone' }))).toBe('rollback: execute done. 1.1 is gone');
});

test('what is not known, or is not as it should be, is still a line', () => {
  expect(sentence(entry('flag_flipped', { a: 1 }))).toBe('flag flipped');
  for (const kind of ['phase_entered', 'share_confirmed', 'phase_passed', 'opened', 'ended', 'sight_lost', 'soak_extended']) {
    expect(sentence(entry(kind, { phase: 'x', share: null, verdict: 3 })).length).toBeGreaterThan(3);
  }
});
