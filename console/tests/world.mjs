// A world to look at: the real binary with its gate and the demo's application, in a folder and on ports of its own. Whatever
// a test started ends with it.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get as httpGet } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const target = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL('../../target', import.meta.url));
export const PROGRAM = process.env.TIDEGATE_BIN ?? join(target, 'debug', 'tidegate');
if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is not there: build it, or name it in TIDEGATE_BIN`);

/** `tidegate demo`, and where its console is. */
export async function demo(...args) {
  const dir = mkdtempSync(join(tmpdir(), 'tg-console-'));
  const child = spawn(PROGRAM, ['demo', '--dir', join(dir, 'demo'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (bytes) => (said += bytes));
  child.stderr.on('data', (bytes) => (said += bytes));
  const link = await until('the console of the demo', () => said.match(/http:\S+\/sign-in#token=\S+/)?.[0]).catch((error) => {
    throw new Error(`${error.message}: ${said}`);
  });
  const { origin, hash } = new URL(link);
  return {
    ...api(origin, hash.slice('#token='.length)),
    link,
    said: () => said,
    end: () => end(child, dir),
  };
}

/** A server without a demo around it: releases wait for whoever drives them. */
export async function server({ fault = 'none', faulty = '' } = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'tg-console-'));
  const [port, people] = [await freePort(), await freePort()];
  const policy = join(dir, 'tidegate.yaml');
  writeFileSync(policy, POLICY(people, `exec '${PROGRAM}' demo-app --fault ${fault} --faulty '${faulty}'`));
  const log = join(dir, 'serve.log');
  const start = () => {
    const file = openSync(log, 'a');
    const args = ['serve', '--policy', policy, '--data', join(dir, 'data'), '--listen', `127.0.0.1:${port}`, '--stop-gate'];
    const started = spawn(PROGRAM, args, { cwd: dir, stdio: ['ignore', file, file] });
    closeSync(file);
    return started;
  };
  let child = start();
  const origin = `http://127.0.0.1:${port}`;
  const ready = () =>
    until('a server that leads', () => {
      if (child.exitCode !== null) throw new Error(`the server ended: ${readFileSync(log, 'utf8')}`);
      return fetch(`${origin}/readyz`).then((answer) => answer.ok, () => false);
    });
  await ready();
  const token = await until('the first token', () => readToken(join(dir, 'data', 'admin.token')));
  return {
    ...api(origin, token),
    link: `${origin}/sign-in#token=${token}`,
    people: `http://127.0.0.1:${people}/`,
    /** The share that the gate itself has in force, in percent. */
    share: () => gateShare(join(dir, 'data', 'gate', 'gate.sock')),
    /** As a crash would; the gate goes on. */
    kill: () => gone(child, 'SIGKILL'),
    start: async () => {
      child = start();
      await ready();
    },
    end: () => end(child, dir),
  };
}

const POLICY = (people, command) => `
extends: standard
services:
  shop: { target: local, lever: edge, signals: [edge] }
targets:
  local:
    process: { command: "${command}", health: /healthz, start_within: 30 s, stop_grace: 2 s }
levers:
  edge: { gate: { listen: "127.0.0.1:${people}", sticky: [{ cookie: uid }] } }
signals:
  edge: { gate: {} }
types:
  feature: { rollout: slow }
rollouts:
  slow:
    extends: canary
    interval: 500 ms
    stale_after: 5 s
    watch: 1 s
    phases:
      - { share: 50 %, soak: 30 min }
      - { share: 100 % }
`;

function api(origin, token) {
  const call = async (method, path, body) => {
    const answer = await fetch(origin + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const value = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${JSON.stringify(value)}`);
    return value;
  };
  return {
    origin,
    token,
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    delete: (path) => call('DELETE', path),
    /** Opens a release and waits until it is at this stage. */
    async open(version, stage, note) {
      const { id } = await call('POST', '/v1/releases', { service: 'shop', channel: 'production', type: 'feature', version, note });
      await until(`${version} ${stage}`, async () => {
        const release = await call('GET', `/v1/releases/${id}`);
        return release.stage === stage && (stage !== 'ramping' || release.shares.confirmed_percent === release.shares.requested_percent);
      });
      return id;
    },
  };
}

/** Requests of people, so many a second, each of another person. A timer that comes late catches up. */
export function load(url, perSecond) {
  const answers = [];
  const beganAt = Date.now();
  let sent = 0;
  const send = () => {
    const sentAt = Date.now();
    sent += 1;
    fetch(url, { headers: { cookie: `uid=u${sent}` } }).then(
      async (answer) => answers.push({ sentAt, ok: answer.ok, version: (await answer.json()).version }),
      () => answers.push({ sentAt, ok: false }),
    );
  };
  const timer = setInterval(() => {
    while (sent < ((Date.now() - beganAt) / 1_000) * perSecond) send();
  }, 5);
  return { answers, rate: () => sent / ((Date.now() - beganAt) / 1_000), stop: () => clearInterval(timer) };
}

export async function until(what, look, withinMs = 60_000) {
  const since = Date.now();
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() - since > withinMs) throw new Error(`${what} never came`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function readToken(path) {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function gateShare(socketPath) {
  return new Promise((resolve, reject) => {
    httpGet({ socketPath, path: '/v1/services/shop', headers: { host: 'gate' } }, (answer) => {
      let text = '';
      answer.on('data', (bytes) => (text += bytes));
      answer.on('end', () => resolve(JSON.parse(text).share_ppm / 10_000));
    }).on('error', reject);
  });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const listener = createServer();
    listener.on('error', reject);
    listener.listen(0, '127.0.0.1', () => {
      const { port } = listener.address();
      listener.close(() => resolve(port));
    });
  });
}

function gone(child, signal) {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

async function end(child, dir) {
  await gone(child, 'SIGTERM');
  rmSync(dir, { recursive: true, force: true });
}
