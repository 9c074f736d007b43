/** What a page says about its Tidegate, and which pages' sayings mean the same connection. */

import type { EvaluationContext } from '@openfeature/web-sdk';

/** A function is asked before each request, for tokens that expire. */
export type Token = string | (() => string | Promise<string>);

export interface Settings {
  /** Where Tidegate answers, for example `https://flags.example.com`. A path is relative to the page. */
  baseUrl: string;
  /** A token that may evaluate flags. It is visible to whoever opens the page: give it no other right. */
  token?: Token | undefined;
  /** The channel whose flags are asked for. A token for one channel makes it unnecessary. */
  channel?: string | undefined;
  /** Who is looking: `targetingKey` and whatever rules ask for. */
  context?: EvaluationContext | undefined;
  /** `last-known` keeps this user's last values in the browser for the next start. Default: `last-known`. */
  cache?: 'last-known' | 'none' | undefined;
  /** How long a request may take. Default: 5,000. */
  timeoutMs?: number | undefined;
  /** The OpenFeature domain, to find the same client outside of React: `OpenFeature.getClient(domain)`. */
  domain?: string | undefined;
}

export const DEFAULT_TIMEOUT_MS = 5_000;

/** Settings with the same connection share one session: one request and one stream, however many providers. */
export function connectionOf({ baseUrl, channel, cache, timeoutMs }: Settings): string {
  return JSON.stringify([baseUrl, channel ?? null, cache ?? 'last-known', timeoutMs ?? DEFAULT_TIMEOUT_MS]);
}

export function domainOf(settings: Settings): string {
  return settings.domain ?? `tidegate ${connectionOf(settings)}`;
}

/** The address in full: the streams that the server names are resolved against its origin. */
export function absolute(baseUrl: string): string {
  return new URL(baseUrl, globalThis.location?.href).href.replace(/\/+$/, '');
}
