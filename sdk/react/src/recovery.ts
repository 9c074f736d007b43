/** When to ask again after a failure: later each time, not in step with other browsers, and at once when back online. */

const FIRST_MS = 1_000;
const MOST_MS = 30_000;

export class Recovery {
  readonly #retry: () => void;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(retry: () => void) {
    this.#retry = retry;
  }

  /** Plans one attempt; a plan that exists stays. `atLeastMs` is what the server asked for. */
  plan(atLeastMs = 0): void {
    if (this.#timer !== undefined) {
      return;
    }
    const backoff = Math.min(FIRST_MS * 2 ** this.#failures, MOST_MS);
    this.#failures += 1;
    this.#timer = setTimeout(this.#now, Math.max(backoff, atLeastMs) * (1 + Math.random() / 4));
    globalThis.addEventListener?.('online', this.#now);
  }

  /** All is well, or nobody is interested any more. */
  stop(): void {
    this.#clear();
    this.#failures = 0;
  }

  readonly #now = (): void => {
    this.#clear();
    this.#retry();
  };

  #clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    globalThis.removeEventListener?.('online', this.#now);
  }
}
