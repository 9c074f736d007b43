/**
 * The values that this browser saw last. They are read in the first render, so that a page neither flashes its defaults nor
 * loses its flags when Tidegate is away. One slot per connection, for the last user only: it stays small, and nobody gets
 * the values of somebody else.
 */

import type { EvaluationResponse } from '@openfeature/ofrep-core';
import { fingerprint } from './fingerprint.js';

const MOST_AGE_MS = 30 * 24 * 60 * 60 * 1_000;

export interface Values {
  flags: Record<string, EvaluationResponse>;
}

interface Slot extends Values {
  user: string;
  writtenAt: number;
}

export class LastKnown {
  readonly #key: string;
  readonly #storage: Storage | undefined;

  constructor(connection: string, storage: Storage | undefined = browserStorage()) {
    this.#key = `tidegate:flags:1:${fingerprint(connection)}`;
    this.#storage = storage;
  }

  read(targetingKey: string | undefined, now = Date.now()): Values | undefined {
    try {
      const slot: unknown = JSON.parse(this.#storage?.getItem(this.#key) ?? 'null');
      const usable = isSlot(slot) && slot.user === nameOf(targetingKey) && now - slot.writtenAt <= MOST_AGE_MS;
      return usable ? { flags: slot.flags } : undefined;
    } catch {
      return undefined; // Somebody else's bytes, or a browser that forbids storage: as if nothing were known.
    }
  }

  write(targetingKey: string | undefined, { flags }: Values, now = Date.now()): void {
    const slot: Slot = { user: nameOf(targetingKey), writtenAt: now, flags };
    try {
      this.#storage?.setItem(this.#key, JSON.stringify(slot));
    } catch {
      // Full or forbidden. The page has its values; only its next start goes without.
    }
  }
}

function nameOf(targetingKey: string | undefined): string {
  return fingerprint(targetingKey ?? '');
}

function isSlot(value: unknown): value is Slot {
  const slot = value as Partial<Slot> | null;
  return typeof slot?.user === 'string' && typeof slot.writtenAt === 'number' && isRecord(slot.flags);
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function browserStorage(): Storage | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined; // The getter itself throws where cookies are blocked.
  }
}
