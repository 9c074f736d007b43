// Measures what a person feels: from a key or a press to the next picture, by the browser's own event timing, with the
// processor at a quarter of its speed while measurements stream in. Exits with 1 when one took 100 ms or longer.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { browser, signedIn } from './browser.mjs';
import { server, until } from './world.mjs';

const INTERVALS = 2_520;
const INTERVAL_MS = 5_000;
const SLOWER = 4;
const ROUNDS = 15;
const MOST_MS = 100;

const world = await server({ signal: 'push: {}' });
const chromium = await browser();
try {
  await world.open('1.0', 'completed');
  const id = await world.open('1.1', 'ramping');
  const stream = await pushing(id);
  for (let at = 0; at < INTERVALS; at += 1) await stream.push();
  await until('all measurements stored', async () => (await world.get(`/v1/releases/${id}`)).measurements >= INTERVALS);

  const page = await signedIn(chromium, world.link);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  await page.getByRole('link', { name: 'shop 1.1' }).click();
  await page.locator('canvas').nth(2).waitFor();
  await page.waitForTimeout(3_000);
  await page.evaluate(watch);
  const timer = setInterval(() => void stream.push().catch(() => {}), 500);
  for (let round = 0; round < ROUNDS; round += 1) {
    await page.getByRole('button', { name: 'Advance…' }).click();
    await page.getByLabel('Why?').pressSequentially('because', { delay: 60 });
    await page.keyboard.press('Escape');
    await page.locator('summary').filter({ hasText: 'the lever confirmed' }).first().click();
    await page.waitForTimeout(200);
  }
  clearInterval(timer);
  const { interactions, longTasks } = await page.evaluate(() => window.felt);
  interactions.sort((a, b) => a - b);
  const longest = interactions.at(-1) ?? 0;
  const result = {
    date: new Date().toISOString(),
    commit: execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim(),
    machine: { cpu: cpus()[0]?.model, cores: cpus().length, load: loadavg()[0] },
    points: INTERVALS,
    slower: SLOWER,
    interactions: interactions.length,
    median_ms: interactions[Math.floor(interactions.length / 2)],
    p95_ms: interactions[Math.floor(interactions.length * 0.95)],
    longest_ms: longest,
    most_ms: MOST_MS,
    long_tasks: longTasks.length,
    longest_task_ms: Math.round(Math.max(0, ...longTasks)),
  };
  const folder = fileURLToPath(new URL('../../bench/results/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}console.json`, `${JSON.stringify(result, null, 1)}\n`);
  console.log(result);
  if (interactions.length < ROUNDS * 5 || longest >= MOST_MS) process.exitCode = 1;
} finally {
  await chromium.close();
  await world.end();
}

/** Pushes one interval after the other, the first of them 3.5 hours ago. */
async function pushing(id) {
  let from = Date.now() - INTERVALS * INTERVAL_MS;
  return {
    push: async () => {
      const to = Math.min(from + INTERVAL_MS, Date.now());
      const arm = (requests, us) => ({ requests, errors: Math.random() < 0.1 ? 1 : 0, latency_us: Array(40).fill(Math.round(us + Math.random() * us)) });
      const counts = { from_ms: from, to_ms: to, stable: arm(40, 50_000), canary: arm(40, 52_000) };
      from = to;
      const answer = await fetch(`${world.origin}/v1/releases/${id}/measurements`, {
        method: 'POST',
        headers: { authorization: `Bearer ${world.token}`, 'content-type': 'application/json' },
        body: JSON.stringify(counts),
      });
      if (!answer.ok) throw new Error(await answer.text());
    },
  };
}

/** Runs in the page: each interaction once, by its longest event, and every task that held the page up. */
function watch() {
  const longest = new Map();
  window.felt = { interactions: [], longTasks: [] };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (!entry.interactionId) continue;
      longest.set(entry.interactionId, Math.max(longest.get(entry.interactionId) ?? 0, entry.duration));
      window.felt.interactions = [...longest.values()];
    }
  }).observe({ type: 'event', durationThreshold: 16 });
  new PerformanceObserver((list) => window.felt.longTasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' });
}
