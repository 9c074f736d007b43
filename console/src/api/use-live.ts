// A live stream in a component. It is closed while nobody looks: a browser holds six connections to a server over all of its
// tabs, and forgotten tabs must not keep a button from being pressed in another.
import { useEffect, useRef, useState } from 'react';
import type { ServerEvent } from './events';
import { follow, type Line } from './follow';

/** A glance at another tab does not close the stream. */
const LOOKED_AWAY_MS = 10_000;

export function useLive(path: string | undefined, onEvent: (event: ServerEvent) => void): Line {
  const [line, setLine] = useState<Line>({ state: 'opening', heardAt: undefined });
  const latest = useRef(onEvent);
  useEffect(() => {
    latest.current = onEvent;
  });
  const looking = useLooking();
  useEffect(() => {
    if (path === undefined || !looking) return undefined;
    return follow(path, {
      onEvent: (event) => latest.current(event),
      onLine: (next) => setLine((before) => ({ ...next, heardAt: next.heardAt ?? before.heardAt })),
    });
  }, [path, looking]);
  return line;
}

function useLooking(): boolean {
  const [looking, setLooking] = useState(!document.hidden);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const changed = () => {
      clearTimeout(timer);
      if (document.hidden) timer = setTimeout(() => setLooking(false), LOOKED_AWAY_MS);
      else setLooking(true);
    };
    document.addEventListener('visibilitychange', changed);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', changed);
    };
  }, []);
  return looking;
}
