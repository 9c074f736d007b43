/** The reader of a hook's flag: kept while client, key and default value stay. */

import { useOpenFeatureClient } from '@openfeature/react-sdk';
import type { JsonValue } from '@openfeature/web-sdk';
import { useMemo } from 'react';
import { FlagReader } from './flag-reader.js';
import { useLoaded } from './loading.js';

export function useFlagReader<T extends JsonValue>(key: string, defaultValue: T): FlagReader<T> {
  useLoaded();
  const client = useOpenFeatureClient();
  // By content: a default written as `{}` in a component is a new object in each render.
  return useMemo(() => new FlagReader(client, key, defaultValue), [client, key, JSON.stringify(defaultValue)]);
}
