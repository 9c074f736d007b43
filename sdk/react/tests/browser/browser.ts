/** Chromium, and the page built with the package as it is published: from `dist`. */

import { createServer, type Server } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';

const here = import.meta.dirname;

export async function launch(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/** Builds and serves the page on an origin of its own, so that each request to the server is one across origins. */
export async function servePage(): Promise<{ origin: string; server: Server }> {
  await build({
    root: `${here}/page`,
    logLevel: 'warn',
    resolve: { alias: { '@tidegate/react': `${here}/../../dist/index.js` } },
    build: { outDir: `${here}/dist`, emptyOutDir: true },
  });
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://page').pathname;
    const file = path.startsWith('/assets/') ? path : '/index.html';
    const type = file.endsWith('.js') ? 'text/javascript' : 'text/html';
    response.writeHead(200, { 'content-type': type }).end(await readFile(`${here}/dist${file}`));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** What a page asked of the server, as the browser tells it. */
export class Traffic {
  readonly unconditional: string[] = [];
  readonly streams = new Set<unknown>();

  constructor(page: Page) {
    page.on('request', (request) => {
      if (request.resourceType() === 'eventsource') {
        this.streams.add(request);
      } else if (request.method() === 'POST' && !request.headers()['if-none-match']) {
        this.unconditional.push(request.url());
      }
    });
    for (const over of ['requestfailed', 'requestfinished'] as const) {
      page.on(over as 'requestfinished', (request) => this.streams.delete(request));
    }
  }
}
