import { expect, test } from 'vitest';
import { sessionFor } from '../../src/session.js';
import { BASE_URL } from './fake-network.js';
import { network, onStage, pass } from './stage.js';

onStage();

test('a session that was let go opens again for a tree that React hid and shows again', async () => {
  const session = sessionFor({ baseUrl: BASE_URL, token: 'evaluate-me' });
  const release = session?.retain();
  await pass(200);
  release?.();
  await pass(10);
  expect(network.held).toBe(0);
  const again = session?.retain();
  await pass(200);
  expect(network.held).toBe(1);
  again?.();
});

test('one domain has one connection: another one takes its place', async () => {
  const first = sessionFor({ baseUrl: BASE_URL, token: 'evaluate-me', domain: 'page' });
  const releaseFirst = first?.retain();
  await pass(200);
  const second = sessionFor({ baseUrl: `${BASE_URL}/other`, token: 'evaluate-me', domain: 'page' });
  const releaseSecond = second?.retain();
  releaseFirst?.();
  await pass(200);
  expect([network.opened, network.held]).toEqual([2, 1]);
  releaseSecond?.();
  await pass(10);
  expect(network.held).toBe(0);
});
