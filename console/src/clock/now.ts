// The time of day, by the server's clock: clocks that count against a budget must not be wrong because a phone is.
import { useSyncExternalStore } from 'react';

let ahead = 0;
let ticking: ReturnType<typeof setInterval> | undefined;
let second = Date.now();
const listeners = new Set<() => void>();

/** The server said what time it is. */
export function serverSaid(nowMs: number): void {
  ahead = nowMs - Date.now();
}

export function now(): number {
  return Date.now() + ahead;
}

/** Now, renewed every second while somebody looks. */
export function useNow(): number {
  useSyncExternalStore(listen, () => second);
  return now();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  ticking ??= setInterval(() => {
    second = Date.now();
    for (const tell of listeners) tell();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(ticking);
      ticking = undefined;
    }
  };
}
