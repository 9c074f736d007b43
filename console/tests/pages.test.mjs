// Every page, in light and dark and at 360 px, with text in it that wants to be more than text.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, browser, content, open, picture, signedIn } from './browser.mjs';
import { server, until } from './world.mjs';

const HOSTILE = `"><img src=x onerror="window.hit=1"><script>window.hit=1</script>{{7*7}} \u0627\u0644\u0633 javascript:alert(1) ${'wide'.repeat(60)}`;

let world;
let chromium;

before(async () => {
  world = await server();
  chromium = await browser();
});
after(async () => {
  await chromium?.close();
  await world?.end();
});

test('the door', async () => {
  const page = await open(chromium, `${world.origin}/releases`);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await accessible(page, 'the door');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('A token is needed').waitFor();
  await page.getByLabel('Token').fill('tg_1_wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').getByText('the token is not known').waitFor();
  await accessible(page, 'the door with a refusal');
  content(page, /401/);
  // The link's token is out of the address before anybody could copy it, and signs nobody in by itself.
  await page.goto('about:blank');
  await page.goto(world.link);
  assert.equal(new URL(page.url()).hash, '');
  await picture(page, 'sign-in', { fullPage: false });
  assert.equal(await page.getByLabel('Token').inputValue(), world.token);
  await page.getByLabel('Token').press('Enter');
  await page.getByRole('heading', { name: 'Now', level: 1 }).waitFor();
  assert.equal(await page.evaluate(() => localStorage.length), 0, 'nobody asked to be remembered');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.length + localStorage.length), 0);
});

test('before there is anything', async () => {
  const page = await signedIn(chromium, world.link);
  await page.getByText('Nothing is moving').waitFor();
  await page.getByText('Nothing was released here yet').first().waitFor();
  await accessible(page, 'an empty now');
  await page.getByRole('link', { name: 'Releases' }).first().click();
  await page.getByText('There was no release yet').waitFor();
  await accessible(page, 'no releases');
  await page.goto(`${world.origin}/releases/r99`);
  await page.getByRole('alert').getByText('TG-2105').waitFor();
  await accessible(page, 'a release that is not there');
  await page.goto(`${world.origin}/nothing/here`);
  await page.getByText('There is no such page').waitFor();
  await accessible(page, 'no such page');
  content(page, /404/);
});

test('pages with a release that moves, hostile text and all', async () => {
  await world.open('1.0', 'completed');
  const id = await world.open('1.1', 'ramping', HOSTILE);
  const page = await signedIn(chromium, world.link, {});
  await page.getByRole('article').getByText('Roll back…').waitFor();
  await accessible(page, 'now');
  await page.getByRole('link', { name: 'shop 1.1' }).click();
  await page.getByRole('heading', { name: 'Both versions' }).waitFor();
  await page.locator('dd', { hasText: 'onerror=' }).waitFor();
  await accessible(page, 'a release');
  for (const name of ['Pause…', 'Advance…', 'Abort…', 'Roll back…']) {
    await page.getByRole('button', { name }).click();
    await page.getByRole('dialog').waitFor();
    await accessible(page, `the dialog of ${name}`);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  await page.getByRole('button', { name: 'Pause…' }).click();
  await page.getByRole('dialog').getByLabel('Why?').fill(HOSTILE);
  await page.keyboard.press('Enter');
  await page.getByText('A person paused it').waitFor();
  await accessible(page, 'a release that is paused');
  await page.getByRole('button', { name: 'Resume…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: 'Pause…' }).waitFor();
  await page.getByRole('link', { name: 'Releases' }).first().click();
  await page.getByRole('link', { name: 'shop 1.1' }).waitFor();
  await accessible(page, 'releases');

  await page.goto(`${world.origin}/journal?stream=release/${id}`);
  await page.locator('summary', { hasText: 'onerror=' }).first().waitFor();
  await page.locator('summary', { hasText: 'onerror=' }).first().click();
  await accessible(page, 'the journal with an entry opened');
  await page.getByRole('button', { name: 'Verify it' }).click();
  await page.getByText('Everything is as it was written').waitFor();
  await accessible(page, 'a verified journal');
  await page.getByLabel('Stream').fill('');
  await page.getByLabel('Who').fill('TOKEN:');
  await page.getByRole('button', { name: 'Filter' }).click();
  await until('the filter in the address', () => page.url().includes('actor='));
  await until('only entries by tokens', async () => {
    const rows = await page.locator('summary').allInnerTexts();
    return rows.length > 0 && rows.every((row) => row.includes('token:'));
  });
  await page.getByRole('button', { name: 'Everything' }).click();
  // An entry that comes while the page is open is announced and does not move what is being read.
  await world.post(`/v1/releases/${id}/pause`, { reason: 'once more' });
  await page.getByRole('button', { name: /new entr/ }).click();
  await page.getByText('paused: once more').waitFor();
  await world.post(`/v1/releases/${id}/abort`, { reason: HOSTILE });
  await until('the end of 1.1', async () => (await world.get(`/v1/releases/${id}`)).over);
  await page.goto(`${world.origin}/releases/${id}`);
  await page.getByText('The record. It ended at').waitFor();
  await accessible(page, 'a record');
  assert.equal(await page.evaluate(() => window.hit), undefined, 'text stayed text');
  content(page);
});

test('by keyboard alone', async () => {
  const page = await signedIn(chromium, world.link);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the content');
  await page.keyboard.press('Enter');
  const id = await world.open('1.2', 'ramping');
  await page.getByRole('button', { name: 'Roll back…' }).waitFor();
  for (let presses = 0; presses < 30; presses += 1) {
    await page.keyboard.press('Tab');
    if ((await page.evaluate(() => document.activeElement?.textContent)) === 'Roll back…') break;
  }
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('name')), 'reason', 'the question has the focus');
  await page.keyboard.type('by keyboard');
  await page.keyboard.press('Enter');
  await page.getByText('rolled back').first().waitFor();
  const release = await world.get(`/v1/releases/${id}`);
  assert.equal(release.rollback.why, 'person');
  content(page);
});
