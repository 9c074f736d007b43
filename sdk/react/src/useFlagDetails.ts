/** The value of a flag and how it came about. */

import type { EvaluationDetails, JsonValue } from '@openfeature/web-sdk';
import { useSyncExternalStore } from 'react';
import type { Data } from './data.js';
import { useFlagReader } from './useFlagReader.js';

/** Value, variant, reason, metadata, and the code and message of an error. */
export type FlagDetails<T> = Omit<EvaluationDetails<JsonValue>, 'value'> & { readonly value: T };

/** As `useFeatureFlag`, with variant and reason. `CACHED` is a last known value, `ERROR` comes with a code. */
export function useFlagDetails(key: string, defaultValue?: boolean): FlagDetails<boolean>;
export function useFlagDetails(key: string, defaultValue: string): FlagDetails<string>;
export function useFlagDetails(key: string, defaultValue: number): FlagDetails<number>;
export function useFlagDetails<T extends object>(key: string, defaultValue: T & Data<T>): FlagDetails<T>;
export function useFlagDetails(key: string, defaultValue: JsonValue = false): FlagDetails<JsonValue> {
  const reader = useFlagReader(key, defaultValue);
  return useSyncExternalStore(reader.subscribe, reader.details, reader.detailsOnServer);
}
