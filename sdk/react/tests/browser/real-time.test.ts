/** A real browser against a real server over a network that fails. */

import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launch, servePage, type Site, Traffic } from './browser.js';
import { type ServerUnderTest, start } from './server-under-test.js';

let browser: Browser;
let pages: Site;
let server: ServerUnderTest;
let visitor: BrowserContext;
let page: Page;
let traffic: Traffic;
let complaints: string[];

beforeAll(async () => {
  [browser, pages, server] = await Promise.all([launch(), servePage('page', `${import.meta.dirname}/page`), start()]);
});

afterAll(async () => {
  await browser?.close();
  await server?.end();
  pages?.server.close();
});

beforeEach(async () => {
  server.flip('off');
  visitor = await browser.newContext();
  page = await visitor.newPage();
  traffic = new Traffic(page);
  complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
});

afterEach(async () => {
  await visitor.close();
  expect(complaints).toEqual([]);
});

async function visit(token = server.token): Promise<void> {
  await page.goto(`${pages.origin}/?${new URLSearchParams({ baseUrl: server.cable.url, token })}`);
}

async function shows(id: string, text: string): Promise<void> {
  await page.waitForFunction(([id, text]) => document.getElementById(id ?? '')?.textContent === text, [id, text] as const);
}

async function follows(): Promise<void> {
  await shows('reasons', 'STATIC - false ERROR TYPE_MISMATCH');
  await expect.poll(() => traffic.streams.size, { timeout: 10_000 }).toBe(1);
}

test('a flip is seen by push, by both components, with one request and one stream', async () => {
  await visit();
  await follows();
  await page.waitForTimeout(200);
  const at = Date.now();
  server.flip('on');
  await Promise.all([shows('first', 'new'), shows('second', 'new')]);
  const seen = await page.evaluate(() => window.seen);
  console.log(`a flip was rendered after ${(seen.at(-1)?.at ?? 0) - at} ms`);
  expect(seen.map(({ ui }) => ui)).toEqual(['legacy', 'new']);
  expect([traffic.unconditional.length, traffic.streams.size]).toEqual([1, 1]);
});

test('last known values serve while the server is away at the start, without a flash, until it returns', async () => {
  server.flip('on');
  await visit();
  await shows('first', 'new');
  await server.cable.pull();
  await page.reload();
  await shows('reasons', 'CACHED - false ERROR TYPE_MISMATCH');
  expect((await page.evaluate(() => window.seen)).map(({ ui }) => ui)).toEqual(['new']);
  server.flip('off');
  await server.cable.plug();
  await shows('first', 'legacy');
  await follows();
  server.flip('on');
  await shows('first', 'new');
});

test('a server that was away at the start, with nothing known, is found when it returns', async () => {
  await server.cable.pull();
  await visit();
  await shows('reasons', 'ERROR PROVIDER_NOT_READY false ERROR PROVIDER_NOT_READY');
  await server.cable.plug();
  await follows();
});

test('an outage under way keeps the values, and the change that it hid is seen after it', async () => {
  await visit();
  await follows();
  await server.cable.pull();
  server.flip('on');
  await page.waitForTimeout(500);
  expect(await page.textContent('#first')).toBe('legacy');
  await server.cable.plug();
  await shows('first', 'new');
  await expect.poll(() => traffic.streams.size, { timeout: 10_000 }).toBe(1);
  server.flip('off');
  await shows('first', 'legacy');
});

test('a refused token gives defaults and the reason, and another token mends it', async () => {
  server.flip('on');
  await visit('refuse-me');
  await shows('reasons', 'ERROR PROVIDER_FATAL false ERROR PROVIDER_FATAL');
  expect(await page.textContent('#first')).toBe('legacy');
  await page.evaluate((token) => window.change({ token }), server.token);
  await shows('first', 'new');
});

test('a change of context changes the values', async () => {
  await visit();
  await shows('greeting', 'hello');
  await page.evaluate(() => window.change({ context: { targetingKey: 'anna', plan: 'pro' } }));
  await shows('greeting', 'welcome back');
  await page.evaluate(() => window.change({ context: { targetingKey: 'anna', plan: 'free' } }));
  await shows('greeting', 'hello');
});

test('unmounting closes the stream, and mounting opens one', async () => {
  await visit();
  await follows();
  await page.evaluate(() => window.change({ mounted: false }));
  await shows('gone', 'gone');
  await expect.poll(() => traffic.streams.size, { timeout: 10_000 }).toBe(0);
  await page.evaluate(() => window.change({ mounted: true }));
  await expect.poll(() => traffic.streams.size, { timeout: 10_000 }).toBe(1);
  server.flip('on');
  await shows('first', 'new');
});
