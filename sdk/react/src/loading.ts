/** Waiting for the first values, for those who rather suspend than render defaults. */

import { createContext, useContext } from 'react';

/** Whoever may have to wait: what to wait for, as long as there is something. */
export type Wait = () => Promise<void> | undefined;

export const Loading = createContext<Wait | undefined>(undefined);

/** Suspends the component until the first answer or the first failure; returns at once where nobody asked for that. */
export function useLoaded(): void {
  const promise = useContext(Loading)?.();
  if (promise !== undefined) {
    throw promise; // React's contract since 16.6. `use` would be the word for it, but React 18 has none.
  }
}
