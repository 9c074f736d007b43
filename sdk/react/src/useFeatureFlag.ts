/** The value of a flag, in real time. */

import type { JsonValue } from '@openfeature/web-sdk';
import { useSyncExternalStore } from 'react';
import type { Data } from './data.js';
import { useFlagReader } from './useFlagReader.js';

/**
 * The value for the provider's context; `defaultValue` where there is none, or one of another type. The component renders
 * again when the value changes, and only then.
 */
export function useFeatureFlag(key: string, defaultValue?: boolean): boolean;
export function useFeatureFlag(key: string, defaultValue: string): string;
export function useFeatureFlag(key: string, defaultValue: number): number;
export function useFeatureFlag<T extends object>(key: string, defaultValue: T & Data<T>): T;
export function useFeatureFlag(key: string, defaultValue: JsonValue = false): JsonValue {
  const reader = useFlagReader(key, defaultValue);
  return useSyncExternalStore(reader.subscribe, reader.value, reader.valueOnServer);
}
