import { act } from '@testing-library/react';
import { expect, test } from 'vitest';
import { fixed } from '../ofrep-model.js';
import { model, network, onStage, Page, pass, Query, show, Text, Why } from './stage.js';

onStage();

/** One visit with the server there, so that the browser knows values. */
async function visit(targetingKey?: string): Promise<void> {
  const { unmount } = show(<Query />, { context: targetingKey === undefined ? {} : { targetingKey } });
  await pass(200);
  unmount();
  await pass(10);
}

test('last known values are there in the first render, and nothing flashes', async () => {
  await visit();
  const seen: boolean[] = [];
  const { container } = show(<Query seen={seen} />);
  expect(container.textContent).toBe('new');
  await pass(200);
  expect(new Set(seen)).toEqual(new Set([true]));
});

test('with the server away at the start the last known values serve, and say that they are cached', async () => {
  await visit();
  network.down();
  const { container } = show(<Why flag="new_query_ui" />);
  await pass(10);
  expect(container.textContent).toBe('true CACHED');
  expect(console.warn).toHaveBeenCalledTimes(1);
});

test('with the server away and nothing known there are defaults, and the reason', async () => {
  network.down();
  const { container } = show(<Why flag="new_query_ui" />);
  await pass(10);
  expect(container.textContent).toBe('false ERROR PROVIDER_NOT_READY');
});

test('a server that was away at the start is found when it returns, and followed', async () => {
  network.down();
  const { container } = show(<Query />);
  await pass(5_000);
  expect(container.textContent).toBe('legacy');
  network.up();
  await pass(10_000);
  expect(container.textContent).toBe('new');
  await act(async () => model.set('new_query_ui', fixed(false, 'off')));
  await pass(60);
  expect(container.textContent).toBe('legacy');
});

test('last known values give way when the server returns', async () => {
  await visit();
  network.down();
  model.set('new_query_ui', fixed(false, 'off'));
  const { container } = show(<Why flag="new_query_ui" />);
  await pass(5_000);
  expect(container.textContent).toBe('true CACHED');
  network.up();
  await pass(10_000);
  expect(container.textContent).toBe('false STATIC');
});

test('an outage keeps the values, and what changed meanwhile is seen after it', async () => {
  const { container } = show(<Query />);
  await pass(200);
  network.down();
  await pass(20_000);
  expect(container.textContent).toBe('new');
  model.set('new_query_ui', fixed(false, 'off'));
  network.up();
  await pass(35_000);
  expect(container.textContent).toBe('legacy');
  expect(console.warn).toHaveBeenCalledTimes(1);
});

test('back online the server is asked at once', async () => {
  network.down();
  const { container } = show(<Query />);
  await pass(10_000);
  network.up();
  globalThis.dispatchEvent(new Event('online'));
  await pass(1);
  expect(container.textContent).toBe('new');
});

test('one user does not get the last known values of another', async () => {
  await visit('anna');
  network.down();
  const { container } = show(<Text flag="owner" />, { context: { targetingKey: 'bert' } });
  await pass(10);
  expect(container.textContent).toBe('default');
});

test('nothing is kept where the page wants no cache', async () => {
  const { unmount } = show(<Query />, { cache: 'none' });
  await pass(200);
  unmount();
  expect(localStorage.length).toBe(0);
});

test('the storage names neither user nor token', async () => {
  await visit('anna@example.com');
  const kept = JSON.stringify(Object.entries(localStorage));
  expect(localStorage.length).toBe(1);
  expect(kept).not.toMatch(/anna@example|evaluate-me/);
});

test("somebody else's bytes in the storage are as if nothing were known", async () => {
  await visit();
  localStorage.setItem(localStorage.key(0) ?? '', '{"user":"811c9dc527d4eb2f","writtenAt":99999999999999,"flags":[]}');
  const { container } = show(<Query />);
  expect(container.textContent).toBe('legacy');
  await pass(1);
  expect(container.textContent).toBe('new');
});

test('values that are a month old are not known any more', async () => {
  await visit();
  await pass(31 * 24 * 60 * 60 * 1_000);
  network.down();
  const { container } = show(<Query />);
  expect(container.textContent).toBe('legacy');
});

test('a refused token gives defaults, says so once, and a new token mends it', async () => {
  const { container, rerender } = show(<Why flag="new_query_ui" />, { token: 'wrong' });
  await pass(50_000);
  expect(container.textContent).toBe('false ERROR PROVIDER_FATAL');
  expect(model.asked.map(({ status }) => status)).toEqual([401]);
  expect(console.warn).toHaveBeenCalledTimes(1);
  rerender(<Page token="evaluate-me"><Why flag="new_query_ui" /></Page>);
  await pass(1);
  expect(container.textContent).toBe('true STATIC');
});

test('a token that expires is asked for before each request', async () => {
  let token = 'wrong';
  const { container } = show(<Query />, { token: async () => token });
  await pass(10);
  token = 'evaluate-me';
  await pass(80_000);
  expect(container.textContent).toBe('new');
});

test('last known values give way to the first answer of a server that is there', async () => {
  await visit();
  model.set('new_query_ui', fixed(false, 'off'));
  const { container } = show(<Query />);
  expect(container.textContent).toBe('new');
  await pass(1);
  expect(container.textContent).toBe('legacy');
});

test('a server that is away is asked seldom, and ever more seldom', async () => {
  network.down();
  show(<Query />);
  await pass(60_000);
  expect(network.attempts).toBeGreaterThanOrEqual(5);
  expect(network.attempts).toBeLessThanOrEqual(6);
});

test('a pause that the server asks for is kept, and then it is asked again', async () => {
  model.pauseSec = 20;
  const { container } = show(<Query />);
  await pass(19_000);
  expect(network.attempts).toBe(1);
  model.pauseSec = 0;
  await pass(10_000);
  expect(container.textContent).toBe('new');
});
