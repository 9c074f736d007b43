/** Flags for unit tests: in memory, set by the test, without a server. */

import { OpenFeatureProvider } from '@openfeature/react-sdk';
import {
  FlagNotFoundError,
  type JsonValue,
  NOOP_PROVIDER,
  OpenFeature,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  type ResolutionDetails,
  StandardResolutionReasons,
  TypeMismatchError,
} from '@openfeature/web-sdk';
import { type ReactNode, useEffect, useMemo } from 'react';

export type FlagValues = Record<string, JsonValue>;

let made = 0;

/** Flags that a test changes while the component is on the screen: `act(() => flags.set('new_query_ui', true))`. */
export class TestFlags {
  readonly domain = `tidegate test ${(made += 1)}`;
  readonly #provider: TestProvider;

  constructor(values: FlagValues = {}) {
    this.#provider = new TestProvider(values);
    this.bind();
  }

  set(key: string, value: JsonValue): void {
    this.replace({ ...this.#provider.values, [key]: value });
  }

  unset(key: string): void {
    const { [key]: _, ...rest } = this.#provider.values;
    this.replace(rest);
  }

  replace(values: FlagValues): void {
    this.#provider.values = { ...values };
    this.#provider.events.emit(ProviderEvents.ConfigurationChanged);
  }

  /** Binds the flags to their domain until what is returned is called. Constructing and mounting do it. */
  bind(): () => void {
    OpenFeature.setProvider(this.domain, this.#provider);
    return () => OpenFeature.setProvider(this.domain, NOOP_PROVIDER);
  }
}

export interface TestFlagProviderProps {
  /** Values by key, or `new TestFlags(…)` for a test that changes them. What is not in it has the code's default. */
  flags?: FlagValues | TestFlags;
  children?: ReactNode;
}

/** In a test, in the place of `TidegateProvider`. */
export function TestFlagProvider({ flags = {}, children }: TestFlagProviderProps): ReactNode {
  const given = flags instanceof TestFlags ? flags : undefined;
  const test = useMemo(() => given ?? new TestFlags(flags as FlagValues), [given]);
  const values = given ? undefined : JSON.stringify(flags);
  useEffect(() => test.bind(), [test]);
  useEffect(() => {
    if (values !== undefined) {
      test.replace(JSON.parse(values) as FlagValues);
    }
  }, [test, values]);
  return <OpenFeatureProvider domain={test.domain}>{children}</OpenFeatureProvider>;
}

class TestProvider implements Provider {
  readonly metadata = { name: 'tidegate test' };
  readonly runsOn = 'client';
  readonly events = new OpenFeatureEventEmitter();
  values: FlagValues;

  constructor(values: FlagValues) {
    this.values = { ...values };
  }

  resolveBooleanEvaluation = (key: string, defaultValue: boolean): ResolutionDetails<boolean> => this.#find(key, defaultValue);
  resolveStringEvaluation = (key: string, defaultValue: string): ResolutionDetails<string> => this.#find(key, defaultValue);
  resolveNumberEvaluation = (key: string, defaultValue: number): ResolutionDetails<number> => this.#find(key, defaultValue);
  resolveObjectEvaluation = <T extends JsonValue>(key: string, defaultValue: T): ResolutionDetails<T> => this.#find(key, defaultValue);

  #find<T extends JsonValue>(key: string, defaultValue: T): ResolutionDetails<T> {
    const value = this.values[key];
    if (value === undefined) {
      throw new FlagNotFoundError(`the test sets no flag ${key}`);
    }
    if (typeof value !== typeof defaultValue || Array.isArray(value) !== Array.isArray(defaultValue)) {
      throw new TypeMismatchError(`the test sets ${key} to ${JSON.stringify(value)}, the code asks for a ${typeof defaultValue}`);
    }
    return { value: value as T, reason: StandardResolutionReasons.STATIC };
  }
}
