// The button that takes users back, pressed while people use the service.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, content, picture, signedIn } from './browser.mjs';
import { load, server, until } from './world.mjs';

const PER_SECOND = 50;

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

test('the share is 0 within a second of the press, and no request fails for it', async (t) => {
  await world.open('1.0', 'completed');
  const people = load(world.people, PER_SECOND);
  try {
    await world.open('1.1', 'ramping');
    const page = await signedIn(chromium, world.link);
    await page.getByRole('link', { name: 'shop 1.1' }).click();
    await until('people on both versions', () => ['1.0', '1.1'].every((version) => people.answers.filter((a) => a.version === version).length > 50));
    await page.getByText(/^50 % \(|^[45]\d\.?\d* % \(/).waitFor();
    assert.equal(await world.share(), 50);
    await page.getByRole('button', { name: 'Roll back…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('goes from 50 % to 0 % at once; 1.0 answers everybody').waitFor();
    await dialog.getByLabel('Why?').fill('the basket is empty for everybody');
    await picture(page, 'rollback-asked', { fullPage: false });

    const watched = until('a gate that sends nobody', async () => ((await world.share()) === 0 ? Date.now() : undefined));
    const pressedAt = Date.now();
    await dialog.getByRole('button', { name: 'Roll back' }).click();
    const zeroAfter = (await watched) - pressedAt;
    await page.getByText(/^Users were back after/).waitFor();
    await page.getByText('The record. It ended at').waitFor();
    // What was under way when the button was pressed has been answered by now.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const rate = people.rate();
    people.stop();
    await new Promise((resolve) => setTimeout(resolve, 1_000));

    const lastToIt = Math.max(...people.answers.filter((a) => a.version === '1.1').map((a) => a.sentAt)) - pressedAt;
    const failed = people.answers.filter((a) => !a.ok).length;
    t.diagnostic(`gate at 0 % after ${zeroAfter} ms, last request sent to 1.1 after ${lastToIt} ms, ${failed} of ${people.answers.length} failed, at ${Math.round(rate)} requests a second`);
    assert.ok(zeroAfter < 1_000, `${zeroAfter} ms`);
    assert.ok(lastToIt < 1_000, `${lastToIt} ms`);
    assert.equal(failed, 0);
    assert.ok(rate > PER_SECOND * 0.95, `${rate} requests a second`);
    content(page);
  } finally {
    people.stop();
  }
});

test('what was typed is not lost when the server refuses', async () => {
  const id = await world.open('1.2', 'ramping');
  const page = await signedIn(chromium, world.link);
  await page.getByRole('button', { name: 'Roll back…' }).click();
  await page.getByRole('dialog').getByLabel('Why?').fill('too late');
  await world.post(`/v1/releases/${id}/abort`, { reason: 'somebody was faster' });
  await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
  await page.getByRole('dialog').getByRole('alert').getByText(/TG-200/).waitFor();
  assert.equal(await page.getByRole('dialog').getByLabel('Why?').inputValue(), 'too late');
  content(page, /409/);
});
