import { expect, test } from 'vitest';
import { EventCutter } from './events';

test('a chunk may end anywhere', () => {
  const text = 'event: release\ndata: {"a":\ndata: 1}\n\n: alive\n\nevent: under_way\ndata: {}\n\n';
  for (let at = 0; at <= text.length; at += 1) {
    const cutter = new EventCutter();
    const events = [...cutter.take(text.slice(0, at)), ...cutter.take(text.slice(at))];
    expect(events).toEqual([
      { name: 'release', data: '{"a":\n1}' },
      { name: 'under_way', data: '{}' },
    ]);
  }
});

test('what has no data is no event', () => {
  expect(new EventCutter().take('event: x\n\n: alive\n\nretry: 3\n\n')).toEqual([]);
});
