/**
 * One connection to Tidegate, however many components, roots and renders want it. It lives outside of React, because React
 * may render and throw the render away, mounts twice in StrictMode, and hides and shows trees again.
 */

import { type EvaluationContext, NOOP_PROVIDER, OpenFeature } from '@openfeature/web-sdk';
import { connectionOf, domainOf, type Settings, type Token } from './settings.js';
import { TidegateFlags } from './tidegate-flags.js';

/** A render that was not committed by then never will be. */
const ABANDONED_MS = 30_000;

const sessions = new Map<string, Session>();

/** The session for these settings. None on a server: a process that renders for many users must not remember one. */
export function sessionFor(settings: Settings): Session | undefined {
  if (typeof window === 'undefined') {
    return undefined;
  }
  const domain = domainOf(settings);
  const existing = sessions.get(domain);
  if (existing?.connection === connectionOf(settings)) {
    return existing;
  }
  return new Session(domain, settings);
}

export class Session {
  readonly connection: string;
  readonly #domain: string;
  #settings: Settings;
  #flags: TidegateFlags | undefined;
  #users = 0;
  #end: ReturnType<typeof setTimeout> | undefined;

  constructor(domain: string, settings: Settings) {
    this.connection = connectionOf(settings);
    this.#domain = domain;
    this.#settings = settings;
    this.#open();
    this.#endIn(ABANDONED_MS);
  }

  /** Whether a component that wants values should wait, and for what. */
  get waitFor(): Promise<void> | undefined {
    return this.#flags === undefined || this.#flags.isSettled ? undefined : this.#flags.settled;
  }

  /** Keeps the connection until what is returned is called, and a tick longer: remounting is not a reason to ask again. */
  retain(): () => void {
    this.#users += 1;
    clearTimeout(this.#end);
    if (this.#flags === undefined) {
      this.#open();
    }
    return () => {
      this.#users -= 1;
      if (this.#users === 0) {
        this.#endIn(0);
      }
    };
  }

  presentToken(token: Token | undefined): void {
    this.#settings = { ...this.#settings, token };
    this.#flags?.presentToken(token);
  }

  changeContext(context: EvaluationContext): void {
    if (JSON.stringify(context) !== JSON.stringify(this.#settings.context ?? {})) {
      this.#settings = { ...this.#settings, context };
      void OpenFeature.setContext(this.#domain, context);
    }
  }

  #open(): void {
    sessions.set(this.#domain, this);
    this.#flags = new TidegateFlags(this.#settings);
    // It says itself what goes wrong, by status and reason; an unhandled rejection would say it a second time.
    OpenFeature.setProviderAndWait(this.#domain, this.#flags, this.#settings.context ?? {}).catch(() => undefined);
  }

  #endIn(ms: number): void {
    clearTimeout(this.#end);
    this.#end = setTimeout(() => this.#close(), ms);
  }

  #close(): void {
    const flags = this.#flags;
    this.#flags = undefined;
    if (sessions.get(this.#domain) === this) {
      sessions.delete(this.#domain);
      OpenFeature.setProvider(this.#domain, NOOP_PROVIDER); // Closes the one that was there.
    } else {
      void flags?.onClose(); // Another connection took the domain over, and OpenFeature closed this one then.
    }
  }
}
