/**
 * One flag as React reads it: an external store. So a value never tears within a render, a change between render and
 * subscription is not missed, a new key has its own value in its first render, and hydration sees what the server rendered.
 */

import { type Client, type EvaluationDetails, type JsonValue, ProviderEvents, StandardResolutionReasons } from '@openfeature/web-sdk';

const MAY_CHANGE_VALUES = [
  ProviderEvents.Ready,
  ProviderEvents.Error,
  ProviderEvents.Stale,
  ProviderEvents.ContextChanged,
  ProviderEvents.ConfigurationChanged,
] as const;

export class FlagReader<T extends JsonValue> {
  readonly #client: Client;
  readonly #key: string;
  readonly #defaultValue: T;
  readonly #onServer: EvaluationDetails<T>;
  #details: EvaluationDetails<T> | undefined;
  #value: T;
  #due = true;

  constructor(client: Client, key: string, defaultValue: T) {
    this.#client = client;
    this.#key = key;
    this.#defaultValue = defaultValue;
    this.#value = defaultValue;
    this.#onServer = { flagKey: key, value: defaultValue, reason: StandardResolutionReasons.DEFAULT, flagMetadata: {} };
  }

  readonly subscribe = (changed: () => void): (() => void) => {
    const subscription = new AbortController();
    for (const event of MAY_CHANGE_VALUES) {
      const hear = (what?: Record<string, unknown>): void => {
        if (mayConcern(this.#key, what?.flagsChanged)) {
          this.#due = true;
          changed();
        }
      };
      this.#client.addHandler(event, hear, { signal: subscription.signal });
    }
    return () => subscription.abort();
  };

  /** The same object as long as it says the same: React renders again for each new one. */
  readonly details = (): EvaluationDetails<T> => {
    if (this.#details === undefined || this.#due) {
      this.#due = false;
      const details = this.#evaluate();
      this.#details = same(this.#details, details) ? this.#details : details;
      this.#value = same(this.#value, details.value) ? this.#value : details.value;
      return this.#details ?? details;
    }
    return this.#details;
  };

  readonly value = (): T => {
    this.details();
    return this.#value;
  };

  readonly detailsOnServer = (): EvaluationDetails<T> => this.#onServer;

  readonly valueOnServer = (): T => this.#defaultValue;

  #evaluate(): EvaluationDetails<T> {
    const [client, key, defaultValue] = [this.#client, this.#key, this.#defaultValue as JsonValue];
    switch (typeof defaultValue) {
      case 'boolean':
        return client.getBooleanDetails(key, defaultValue) as EvaluationDetails<JsonValue> as EvaluationDetails<T>;
      case 'string':
        return client.getStringDetails(key, defaultValue) as EvaluationDetails<JsonValue> as EvaluationDetails<T>;
      case 'number':
        return client.getNumberDetails(key, defaultValue) as EvaluationDetails<JsonValue> as EvaluationDetails<T>;
      case 'object':
        return client.getObjectDetails(key, defaultValue) as EvaluationDetails<JsonValue> as EvaluationDetails<T>;
    }
  }
}

/** An event without a list is about everything. */
function mayConcern(key: string, flagsChanged: unknown): boolean {
  return !Array.isArray(flagsChanged) || flagsChanged.includes(key);
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
