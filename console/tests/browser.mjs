// A real Chromium that tells everything it is unhappy about: errors on its console, exceptions, and requests to elsewhere.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PICTURES = fileURLToPath(new URL('../../docs/guide/console/', import.meta.url));

export const LARGE = { width: 1280, height: 900 };
export const PHONE = { width: 360, height: 740 };

export async function browser() {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  // The sandbox of Chromium refuses to run as root, as in most containers.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

/** A page that is signed in by the link, and what it complained about. */
export async function signedIn(browser, link, options = {}) {
  const page = await open(browser, link, options);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Now', level: 1 }).waitFor();
  return page;
}

export async function open(browser, link, options = {}) {
  const context = await browser.newContext({ viewport: LARGE, reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'Europe/Berlin', ...options });
  const page = await context.newPage();
  const { origin } = new URL(link);
  page.complaints = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') page.complaints.push(message.text());
  });
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && url.origin !== origin) page.complaints.push(`a request to ${url.origin}`);
  });
  await page.goto(link);
  return page;
}

/** Nothing to complain about, but for what the test brought about itself. */
export function content(page, expected = /^$/) {
  assert.deepEqual(page.complaints.filter((complaint) => !expected.test(complaint)), []);
}

/** No violation that axe knows, in light, dark and on a phone, where nothing may be wider than the screen either. */
export async function accessible(page, what) {
  for (const colorScheme of ['light', 'dark']) {
    for (const size of [LARGE, PHONE]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize(size);
      // Not as a script in the page, which its policy refuses.
      await page.evaluate(`if (!window.axe) { ${AXE} }`);
      const { violations } = await page.evaluate(() =>
        window.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }),
      );
      const found = violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
      assert.deepEqual(found, [], `${what}, ${colorScheme}, ${size.width} px`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${what} is ${wide} px wider than ${size.width}`);
    }
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.setViewportSize(LARGE);
}

/** Pictures for the guide; only on demand, since each run would change them. */
export async function picture(page, name, options = {}) {
  if (!process.env.TIDEGATE_PICTURES) return;
  await page.screenshot({ path: `${PICTURES}${name}.png`, fullPage: true, ...options });
}
