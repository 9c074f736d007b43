// A live stream that comes back by itself, and says when it was last heard: a page that shows old figures as if they were
// new is worse than one that shows none.
import { send } from './client';
import { EventCutter, type ServerEvent } from './events';

/** The server shows a sign of life every 15 seconds; without one for longer than this the connection is dead. */
const SILENCE_MS = 22_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

export type Line = { state: 'opening' | 'live' | 'lost'; heardAt: number | undefined };

export type Follower = { onEvent: (event: ServerEvent) => void; onLine: (line: Line) => void };

/** Follows a stream until the returned function is called. */
export function follow(path: string, follower: Follower): () => void {
  const end = new AbortController();
  void keep(path, follower, end.signal);
  return () => end.abort();
}

async function keep(path: string, follower: Follower, end: AbortSignal): Promise<void> {
  let heardAt: number | undefined;
  let pause = FIRST_PAUSE_MS;
  follower.onLine({ state: 'opening', heardAt });
  while (!end.aborted) {
    try {
      await once(path, end, (events) => {
        heardAt = Date.now();
        pause = FIRST_PAUSE_MS;
        follower.onLine({ state: 'live', heardAt });
        for (const event of events) follower.onEvent(event);
      });
    } catch {
      // Whatever it was: a token that ended was noticed by the client, anything else is mended by trying again.
    }
    if (end.aborted) return;
    follower.onLine({ state: 'lost', heardAt });
    await sleep(pause, end);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

async function once(path: string, end: AbortSignal, heard: (events: ServerEvent[]) => void): Promise<void> {
  const silent = new AbortController();
  const signal = AbortSignal.any([end, silent.signal]);
  let watchdog = setTimeout(() => silent.abort(), SILENCE_MS);
  try {
    const response = await send(path, { headers: { accept: 'text/event-stream' }, signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const cutter = new EventCutter();
    for (;;) {
      const chunk = await reader?.read();
      if (!chunk || chunk.done) return;
      clearTimeout(watchdog);
      watchdog = setTimeout(() => silent.abort(), SILENCE_MS);
      heard(cutter.take(chunk.value));
    }
  } finally {
    clearTimeout(watchdog);
    silent.abort();
  }
}

function sleep(ms: number, end: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    end.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
    // A machine that was asleep, or a network that is back: no need to wait for the timer.
    window.addEventListener('online', () => resolve(), { once: true, signal: end });
  });
}
