/** The page of `examples/sarvanom`: the process's snippet, in a browser. */

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch, servePage, type Site } from './browser.js';
import { type ServerUnderTest, start } from './server-under-test.js';

const root = `${import.meta.dirname}/../../../../examples/sarvanom/page`;

let browser: Browser;
let server: ServerUnderTest;
let site: Site;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), start()]);
  site = await servePage('example', root, {
    '/config.json': () => ({ tidegate: server.cable.url, token: server.token, channel: 'production', backend: '' }),
    '/query': () => ({ answer: 'forty-two' }),
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.end();
  site?.server.close();
});

test('the interface changes while the page is open, both ways, and both interfaces ask the service', async () => {
  server.flip('off');
  const page = await browser.newPage();
  await page.goto(site.origin);
  await page.fill('.legacy input', 'the question');
  await page.click('.legacy button');
  await page.waitForSelector('.legacy pre:has-text("forty-two")');
  server.flip('on');
  await page.waitForSelector('.new');
  await page.fill('.new input', 'the question');
  await page.click('.new [type=submit]');
  await page.waitForSelector('article:has-text("forty-two")');
  if (process.env.SCREENSHOT !== undefined) {
    await page.screenshot({ path: process.env.SCREENSHOT });
  }
  server.flip('off');
  await page.waitForSelector('.legacy');
  expect(await page.locator('.new').count()).toBe(0);
});
