/**
 * The requests of the OFREP provider, watched. The provider hides what came of them where it swallows an error (a context
 * change) or makes none (a pause that the server asked for); here it is known for which context the server answered what.
 */

import type { EvaluationResponse } from '@openfeature/ofrep-core';
import type { EvaluationContext } from '@openfeature/web-sdk';

export type Answer =
  | { kind: 'values'; context: EvaluationContext; flags: Record<string, EvaluationResponse> }
  | { kind: 'unchanged'; context: EvaluationContext }
  | { kind: 'refused'; status: number }
  | { kind: 'failed'; why: string; retryAfterMs: number };

export class Transport {
  readonly #heard: (answer: Answer) => void;
  #closed = false;

  constructor(heard: (answer: Answer) => void) {
    this.#heard = heard;
  }

  /** After this no response reaches the provider: one that came late would open a stream that nobody closes. */
  close(): void {
    this.#closed = true;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const asked = contextIn(await request.clone().text());
    try {
      const response = await globalThis.fetch(request);
      const body = response.status === 200 ? await response.text() : null;
      if (this.#closed) {
        throw new DOMException('the page no longer needs its flags', 'AbortError');
      }
      this.#heard(judge(response, body, asked));
      return body === null ? response : new Response(body, response);
    } catch (error) {
      if (!this.#closed) {
        this.#heard({ kind: 'failed', why: String(error), retryAfterMs: 0 });
      }
      throw error;
    }
  };
}

function judge(response: Response, body: string | null, context: EvaluationContext): Answer {
  switch (response.status) {
    case 200:
      return judgeBody(body ?? '', context);
    case 304:
      return { kind: 'unchanged', context };
    case 401:
    case 403:
      return { kind: 'refused', status: response.status };
    default:
      return { kind: 'failed', why: `status ${response.status}`, retryAfterMs: retryAfter(response) };
  }
}

function judgeBody(body: string, context: EvaluationContext): Answer {
  const flags = flagsIn(body);
  return flags
    ? { kind: 'values', context, flags }
    : { kind: 'failed', why: 'the answer is not that of an OFREP server', retryAfterMs: 0 };
}

function flagsIn(body: string): Record<string, EvaluationResponse> | undefined {
  try {
    const { flags } = JSON.parse(body) as { flags?: unknown };
    return Array.isArray(flags) ? Object.fromEntries(flags.map((flag: EvaluationResponse) => [flag.key, flag])) : undefined;
  } catch {
    return undefined;
  }
}

function contextIn(body: string): EvaluationContext {
  return (JSON.parse(body) as { context?: EvaluationContext }).context ?? {};
}

/** `Retry-After` in seconds or as a date. */
function retryAfter(response: Response): number {
  const header = response.headers.get('retry-after') ?? '0';
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1_000;
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}
