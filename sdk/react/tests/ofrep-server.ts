/** `OfrepModel` behind HTTP: bulk evaluation, the event stream, and CORS as a browser on another origin needs it. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OfrepModel } from './ofrep-model.js';

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST, GET',
  'access-control-allow-headers': 'authorization, content-type, if-none-match, flagd-selector',
  'access-control-expose-headers': 'etag, retry-after',
};

export async function serve(model: OfrepModel): Promise<{ port: number; server: Server }> {
  const server = createServer((request, response) => void answer(model, request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { port: (server.address() as AddressInfo).port, server };
}

async function answer(model: OfrepModel, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://server');
  switch (`${request.method} ${url.pathname}`) {
    case 'POST /ofrep/v1/evaluate/flags': {
      const headers = new Headers(request.headers as Record<string, string>);
      const reply = model.bulk(headers, url.searchParams, await bodyOf(request));
      response.writeHead(reply.status, { ...CORS, ...reply.headers }).end(reply.body);
      return;
    }
    case 'GET /ofrep/v1/events':
      return stream(model, request, response, url.searchParams);
    case 'OPTIONS /ofrep/v1/evaluate/flags':
      response.writeHead(204, CORS).end();
      return;
    default:
      response.writeHead(404, CORS).end();
  }
}

function stream(model: OfrepModel, request: IncomingMessage, response: ServerResponse, query: URLSearchParams): void {
  const last = request.headers['last-event-id'];
  const events: string[] = ['retry: 1000\n\n'];
  let write = (text: string): unknown => events.push(text);
  const stop = model.stream(query, typeof last === 'string' ? last : null, ({ id, data }) => write(`id: ${id}\ndata: ${data}\n\n`));
  if (stop === undefined) {
    response.writeHead(401, CORS).end();
    return;
  }
  response.writeHead(200, { ...CORS, 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  write = (text) => response.write(text);
  events.forEach(write);
  response.on('close', stop);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}
