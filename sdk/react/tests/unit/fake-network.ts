/** `fetch` and `EventSource` in front of an `OfrepModel`, with a plug to pull. Time is the fake clock's. */

import { vi } from 'vitest';
import type { OfrepModel } from '../ofrep-model.js';

export const BASE_URL = 'https://flags.test';

export class FakeNetwork {
  readonly #model: OfrepModel;
  readonly #sources = new Set<FakeEventSource>();
  #down = false;
  /** How long an answer is on its way. */
  latencyMs = 0;
  /** How long its body takes after its head. */
  bodyMs = 0;
  /** Requests, answered or not. */
  attempts = 0;
  /** Streams. */
  opened = 0;

  constructor(model: OfrepModel) {
    this.#model = model;
    const network = this;
    vi.stubGlobal('fetch', (request: Request) => this.#fetch(request));
    vi.stubGlobal(
      'EventSource',
      class extends FakeEventSource {
        constructor(url: string) {
          super(url, network.#model, () => network.#down);
          network.opened += 1;
          network.#sources.add(this);
        }
      },
    );
  }

  /** Streams that the page holds, connected or trying. */
  get held(): number {
    return [...this.#sources].filter((source) => source.readyState !== 2).length;
  }

  down(): void {
    this.#down = true;
    for (const source of this.#sources) {
      source.interrupt();
    }
  }

  up(): void {
    this.#down = false;
  }

  async #fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const body = await request.text();
    this.attempts += 1;
    await new Promise((resolve) => setTimeout(resolve, this.latencyMs));
    request.signal.throwIfAborted();
    if (this.#down) {
      throw new TypeError('connection refused');
    }
    const reply = this.#model.bulk(request.headers, url.searchParams, body);
    const response = new Response(reply.body, { status: reply.status, headers: reply.headers });
    response.text = async () => {
      await new Promise((resolve) => setTimeout(resolve, this.bodyMs));
      return reply.body ?? '';
    };
    return response;
  }
}

/** As a browser's: an interrupted stream comes back by itself after three seconds, with the last id that it saw. */
class FakeEventSource extends EventTarget {
  readyState = 0;
  readonly #url: URL;
  readonly #model: OfrepModel;
  readonly #isDown: () => boolean;
  #lastId: string | null = null;
  #stop: (() => void) | undefined;

  constructor(url: string, model: OfrepModel, isDown: () => boolean) {
    super();
    this.#url = new URL(url);
    this.#model = model;
    this.#isDown = isDown;
    setTimeout(() => this.#connect(), 0);
  }

  close(): void {
    this.readyState = 2;
    this.#stop?.();
  }

  interrupt(): void {
    if (this.readyState !== 2) {
      this.#stop?.();
      this.readyState = 0;
      this.dispatchEvent(new Event('error'));
      setTimeout(() => this.#connect(), 3_000);
    }
  }

  #connect(): void {
    if (this.readyState === 2) {
      return;
    }
    if (this.#isDown()) {
      return this.interrupt();
    }
    this.#stop = this.#model.stream(this.#url.searchParams, this.#lastId, ({ id, data }) => {
      this.#lastId = id;
      setTimeout(() => this.dispatchEvent(Object.assign(new Event('message'), { data, lastEventId: id })), 0);
    });
    this.readyState = this.#stop === undefined ? 2 : 1;
    this.dispatchEvent(new Event(this.#stop === undefined ? 'error' : 'open'));
  }
}
