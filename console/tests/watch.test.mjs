// The demo's good and bad release, watched through the console to their ends without a reload.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, browser, content, PHONE, picture, signedIn } from './browser.mjs';
import { demo, until } from './world.mjs';

let world;
let chromium;

before(async () => {
  world = await demo('--speed', process.env.TIDEGATE_PICTURES ? '300' : '600');
  chromium = await browser();
});
after(async () => {
  await chromium?.close();
  await world?.end();
});

test('a good release goes live and a bad one is taken back, before the eyes of whoever watches', { timeout: 240_000 }, async () => {
  const page = await signedIn(chromium, world.link);
  await page.getByRole('link', { name: 'shop 1.1' }).waitFor({ timeout: 60_000 });
  await page.evaluate(() => (window.sameDocument = true));
  await page.getByRole('article', { name: 'shop 1.1' }).getByText('ramping').waitFor();
  await picture(page, 'now');
  await page.getByRole('link', { name: 'shop 1.1' }).click();
  // Phases pass without a reload; the soak moves.
  const soak = page.getByRole('progressbar', { name: 'Soak' });
  const first = await soak.first().getAttribute('aria-valuenow');
  await until('a soak that moves', async () => (await soak.first().getAttribute('aria-valuenow').catch(() => first)) !== first);
  await until('two phases passed', async () => (await page.getByRole('listitem').filter({ hasText: 'passed' }).count()) >= 2, 90_000);
  await page.locator('canvas').first().waitFor();
  await picture(page, 'release');
  await page.getByText('The record. It ended at').waitFor({ timeout: 120_000 });
  await page.getByText('completed').first().waitFor();

  await page.getByRole('link', { name: 'Now' }).click();
  await page.getByRole('link', { name: 'shop 1.2' }).click({ timeout: 60_000 });
  await page.getByText(/^Users were back after/).waitFor({ timeout: 120_000 });
  await page.getByText('The record. It ended at').waitFor({ timeout: 60_000 });
  await page.getByText('rolled back').first().waitFor();
  await page.getByText('harm is shown', { exact: true }).waitFor();
  await accessible(page, 'a record with charts');
  await picture(page, 'record');
  if (process.env.TIDEGATE_PICTURES) {
    await page.getByRole('link', { name: 'Releases' }).click();
    await page.getByRole('link', { name: 'shop 1.1' }).waitFor();
    await picture(page, 'releases', { fullPage: false });
    await page.getByRole('link', { name: 'Journal' }).click();
    await page.getByRole('button', { name: 'Verify it' }).click();
    await page.getByText('Everything is as it was written').waitFor();
    await picture(page, 'journal', { fullPage: false });
    await page.getByRole('link', { name: 'Releases' }).click();
    await page.getByRole('link', { name: 'shop 1.2' }).click();
    await page.getByText(/^Users were back after/).waitFor();
    await page.setViewportSize(PHONE);
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await picture(page, 'phone-dark', { fullPage: false });
  }
  assert.equal(await page.evaluate(() => window.sameDocument), true, 'nothing was loaded again');
  const stages = (await world.get('/v1/releases')).releases.map((release) => `${release.version} ${release.stage}`);
  assert.deepEqual(stages, ['1.2 rolled_back', '1.1 completed', '1.0 completed']);
  content(page);
});
