/** Chromium, and the page built with the package as it is published: from `dist`. */

import { createServer, type Server } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';

const here = import.meta.dirname;
const modules = `${here}/../../node_modules`;
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json' };

export interface Site {
  origin: string;
  server: Server;
}

export async function launch(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/** Builds and serves a page on an origin of its own, so that each request to the server is one across origins. */
export async function servePage(name: string, root: string, answers: Record<string, () => unknown> = {}): Promise<Site> {
  const outDir = `${here}/dist/${name}`;
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    resolve: {
      alias: [
        { find: '@tidegate/react', replacement: `${modules}/../dist/index.js` },
        { find: /^@\//, replacement: `${root}/src/` },
        { find: /^(react|react-dom)(\/.*)?$/, replacement: `${modules}/$1$2` },
      ],
    },
    build: { outDir, emptyOutDir: true },
  });
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://page').pathname;
    const answer = answers[path];
    const file = path.startsWith('/assets/') ? path : '/index.html';
    const type = TYPES[answer ? '.json' : extname(file)] ?? 'text/html';
    response.writeHead(200, { 'content-type': type });
    response.end(answer ? JSON.stringify(answer()) : await readFile(`${outDir}${file}`));
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
