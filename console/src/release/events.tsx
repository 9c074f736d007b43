// What happened to this release, as it happens, the newest first.
import { useEffect, useRef, useState } from 'react';
import { get } from '../api/client';
import type { JournalEntry, JournalPage, Release } from '../api/generated';
import { Moment } from '../clock/moment';
import { EntryDetails } from '../journal/entry';
import { sentence } from '../journal/words';

const PAGE = 500;
const AGAIN_MS = 2_000;

export function Events({ release }: { release: Release }) {
  const entries = useEntries(release.id, release.seq);
  return (
    <section className="card grid gap-3" aria-labelledby="events">
      <h2 id="events">What happened</h2>
      <ol className="max-h-112 overflow-y-auto" tabIndex={0} aria-labelledby="events">
        {entries.toReversed().map((entry) => (
          <li key={entry.seq} className="border-line border-t py-2 first:border-t-0">
            <details>
              <summary className="flex min-h-8 cursor-pointer flex-wrap items-baseline gap-x-3">
                <span className="text-soft text-sm">
                  <Moment at={entry.at_ms} />
                </span>
                <span className="min-w-0 wrap-anywhere">{sentence(entry)}</span>
                <span className="text-soft text-sm wrap-anywhere">{entry.actor}</span>
              </summary>
              <EntryDetails entry={entry} />
            </details>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The entries of the release's stream up to `seq`, read on whenever it grows. */
function useEntries(id: string, seq: number): JournalEntry[] {
  const [entries, setEntries] = useState<JournalEntry[]>([]);
  const [again, setAgain] = useState(0);
  const last = useRef(0);
  useEffect(() => {
    if (last.current >= seq) return undefined;
    const end = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      for (;;) {
        const stream = encodeURIComponent(`release/${id}`);
        const page = await get<JournalPage>(`/v1/journal?stream=${stream}&after=${last.current}&limit=${PAGE}`, end.signal);
        const fresh = page.entries.filter((entry) => entry.seq > last.current);
        last.current = fresh.at(-1)?.seq ?? last.current;
        setEntries((before) => [...before, ...fresh]);
        if (page.next_after == null) return;
      }
    };
    read().catch(() => {
      if (!end.signal.aborted) timer = setTimeout(() => setAgain((count) => count + 1), AGAIN_MS);
    });
    return () => {
      end.abort();
      clearTimeout(timer);
    };
  }, [id, seq, again]);
  return entries;
}
