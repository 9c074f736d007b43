/**
 * What an OFREP 0.3 server with event streams does, without a network: bulk evaluation, an ETag of revision and context,
 * a stream that begins with what the client may have missed, 401. The unit tests and `ofrep-server.ts` share it.
 */

import { createHash } from 'node:crypto';

export interface Context {
  targetingKey?: string;
  [attribute: string]: unknown;
}

export interface Served {
  value?: unknown;
  variant?: string;
  reason: string;
}

/** A flag is what it serves for a context. */
export type Rule = (context: Context) => Served;

export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string | null;
}

export interface StreamEvent {
  id: string;
  data: string;
}

export const fixed = (value: unknown, variant = String(value)): Rule => () => ({ value, variant, reason: 'STATIC' });

export class OfrepModel {
  readonly #flags: Map<string, Rule>;
  readonly #streams = new Set<(event: StreamEvent) => void>();
  /** Tokens that may evaluate. Those of the streams are derived, as a browser cannot send a header with them. */
  readonly tokens = new Set(['evaluate-me']);
  readonly asked: { context: Context; status: number; selector: string | undefined }[] = [];
  /** Seconds for which everybody is told to come back later. */
  pauseSec = 0;
  #revision = 1;

  constructor(flags: Record<string, Rule>) {
    this.#flags = new Map(Object.entries(flags));
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  set(key: string, rule: Rule): void {
    this.#flags.set(key, rule);
    this.#revision += 1;
    for (const send of this.#streams) {
      send(this.#event());
    }
  }

  bulk(headers: Headers, query: URLSearchParams, body: string): Reply {
    const { context = {} } = JSON.parse(body || '{}') as { context?: Context };
    const reply = this.#reply(headers, query, context);
    this.asked.push({ context, status: reply.status, selector: headers.get('flagd-selector') ?? undefined });
    return reply;
  }

  /** Answers how to stop, or that the token opens nothing. The first event says what was missed since `lastEventId`. */
  stream(query: URLSearchParams, lastEventId: string | null, send: (event: StreamEvent) => void): (() => void) | undefined {
    if (![...this.tokens].some((token) => streamToken(token) === query.get('token'))) {
      return undefined;
    }
    this.#streams.add(send);
    if (lastEventId !== String(this.#revision)) {
      send(this.#event());
    }
    return () => this.#streams.delete(send);
  }

  #reply(headers: Headers, query: URLSearchParams, context: Context): Reply {
    const token = headers.get('authorization')?.replace(/^Bearer /, '');
    if (token === undefined || !this.tokens.has(token)) {
      return json(401, { errorCode: 'GENERAL', errorDetails: 'not authorized' });
    }
    if (this.pauseSec > 0) {
      return json(429, { errorDetails: 'too many requests' }, { 'retry-after': String(this.pauseSec) });
    }
    const etag = `"${digest(JSON.stringify([this.#revision, context]))}"`;
    const heard = query.get('flagConfigEtag');
    if (headers.get('if-none-match') === etag && (heard === null || heard === this.#configEtag())) {
      return { status: 304, headers: { etag }, body: null };
    }
    const flags = [...this.#flags].map(([key, rule]) => ({ key, ...rule(context), metadata: { flagSetId: 'tests' } }));
    const requestUri = `/ofrep/v1/events?token=${streamToken(token)}`;
    return json(200, { flags, eventStreams: [{ type: 'sse', endpoint: { requestUri } }] }, { etag });
  }

  #event(): StreamEvent {
    return { id: String(this.#revision), data: JSON.stringify({ type: 'refetchEvaluation', etag: this.#configEtag() }) };
  }

  #configEtag(): string {
    return `"revision-${this.#revision}"`;
  }
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

function streamToken(token: string): string {
  return digest(`stream of ${token}`);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
