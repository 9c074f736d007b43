// Tokens that end, tokens that may little, and a server that goes away and comes back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, browser, content, open, picture, signedIn } from './browser.mjs';
import { server, until } from './world.mjs';

let world;
let chromium;

before(async () => {
  world = await server();
  chromium = await browser();
  await world.open('1.0', 'completed');
  await world.open('1.1', 'ramping');
});
after(async () => {
  await chromium?.close();
  await world?.end();
});

async function tokenLink(name, ask) {
  const issued = await world.post('/v1/tokens', { name, ...ask });
  return { id: issued.token.id, link: `${world.origin}/sign-in#token=${issued.secret}` };
}

test('a token that is revoked ends the session at once, and the next one goes on where it was', async () => {
  const { id, link } = await tokenLink('leaver', { scopes: ['read'] });
  const page = await signedIn(chromium, link);
  await page.getByRole('link', { name: 'shop 1.1' }).click();
  await page.getByRole('heading', { name: 'Phases' }).waitFor();
  const where = page.url();
  await world.delete(`/v1/tokens/${id}`);
  await page.getByRole('alert').getByText('the token was revoked').waitFor({ timeout: 10_000 });
  await accessible(page, 'the door after a revocation');
  assert.equal(page.url(), where);
  assert.equal(await page.evaluate(() => sessionStorage.length), 0, 'the dead token is not kept');
  await page.getByLabel('Token').fill(world.token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Phases' }).waitFor();
  content(page, /401/);
});

test('a token whose time is over says so', async () => {
  const { link } = await tokenLink('short', { scopes: ['read'], expires_at_ms: Date.now() + 5_000 });
  const page = await signedIn(chromium, link);
  await page.getByRole('alert').getByText('the token has expired').waitFor({ timeout: 15_000 });
  content(page, /401/);
});

test('what a token may not do is not offered, and is refused by the server too', async () => {
  const { link } = await tokenLink('reader', { scopes: ['read'] });
  const page = await signedIn(chromium, link);
  await page.getByText('Your token reads only').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Roll back…' }).count(), 0);
  const secret = new URL(link).hash.slice('#token='.length);
  const answer = await fetch(`${world.origin}/v1/releases/r2/rollback`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ reason: 'let me' }),
  });
  assert.deepEqual([answer.status, (await answer.json()).code], [403, 'TG-6005']);
  const { link: blind } = await tokenLink('signaller', { scopes: ['signal'] });
  const other = await open(chromium, blind);
  await other.getByRole('button', { name: 'Sign in' }).click();
  await other.getByText('there is nothing to show').waitFor();
  await accessible(other, 'a token that may not read');
  await other.getByRole('button', { name: 'Use another token' }).click();
  await other.getByRole('button', { name: 'Sign in' }).waitFor();
  content(page);
  content(other);
});

test('a session that should be remembered is, with the name that the journal keeps', async () => {
  const page = await open(chromium, world.link);
  await page.getByLabel('Your name').fill('Zoë 海');
  await page.getByLabel('Remember me').check();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Zoë 海 via token:').waitFor();
  const second = await page.context().newPage();
  await second.goto(world.origin);
  await second.getByText('Zoë 海 via token:').waitFor();
  assert.ok(await second.evaluate(() => localStorage.length > 0));
  await second.close();
  content(page);
});

test('a lost connection is said with its age, and comes back by itself', async () => {
  const page = await signedIn(chromium, world.link);
  await page.getByRole('status').getByText('live').waitFor();
  await page.getByText('50 %').first().waitFor();
  await world.kill();
  await page.getByText(/last known, \d+ s ago; trying again/).waitFor({ timeout: 10_000 });
  await page.getByText(/last known, [3-9] s ago/).waitFor({ timeout: 15_000 });
  assert.ok(await page.getByRole('link', { name: 'shop 1.1' }).isVisible(), 'what is known stays');
  await accessible(page, 'a lost connection');
  await picture(page, 'lost', { fullPage: false });
  await page.getByRole('button', { name: 'Roll back…' }).click();
  await page.getByRole('dialog').getByLabel('Why?').fill('into the void');
  await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
  await page.getByRole('dialog').getByText('the server does not answer').waitFor();
  assert.equal(await page.getByRole('dialog').getByLabel('Why?').inputValue(), 'into the void');
  await page.keyboard.press('Escape');
  await world.start();
  await page.getByRole('status').getByText('live').waitFor({ timeout: 15_000 });
  await world.post('/v1/releases/r2/pause', { reason: 'after the return' });
  await page.getByText('paused').first().waitFor();
  content(page, /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|503/);
  // A page that is loaded while the server is away gets no page; one that is there already finds back.
  await until('a server that drives', async () => (await world.get('/v1/status')).leadership.state === 'leads');
});
