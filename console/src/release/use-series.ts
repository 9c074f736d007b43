// The measurements of a release for its charts: all of them once, then only what is new, at most once a second.
import { useEffect, useRef, useState } from 'react';
import { get } from '../api/client';
import type { Series } from '../api/generated';
import { append } from './columns';

const PAGE = 2_000;
const PAUSE_MS = 1_000;

const NONE: Series = {
  from_ms: [],
  to_ms: [],
  share_percent: [],
  stable: { requests: [], errors: [], p50_us: [], p95_us: [], p99_us: [] },
  canary: { requests: [], errors: [], p50_us: [], p95_us: [], p99_us: [] },
  last: 0,
  next_after: null,
};

/** Reads on whenever `measurements` grows. */
export function useSeries(id: string, measurements: number): Series {
  const [series, setSeries] = useState(NONE);
  const read = useRef(NONE);
  const wanted = useRef(0);
  useEffect(() => {
    wanted.current = measurements;
  }, [measurements]);
  useEffect(() => {
    const end = new AbortController();
    void (async () => {
      while (!end.signal.aborted) {
        if (read.current.last < wanted.current) {
          // A page that cannot be read now is read a second later.
          const more = await get<Series>(`/v1/releases/${id}/series?after=${read.current.last}&limit=${PAGE}`, end.signal).catch(() => undefined);
          if (more && !end.signal.aborted) {
            read.current = append(read.current, more);
            setSeries(read.current);
            if (more.next_after != null) continue;
          }
        }
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    })();
    return () => end.abort();
  }, [id]);
  return series;
}
