// Everything that happened: filtered, opened, verified.
import { useInfiniteQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { get } from '../api/client';
import type { JournalEntry, JournalFound } from '../api/generated';
import { useLive } from '../api/use-live';
import { Moment } from '../clock/moment';
import { count } from '../clock/words';
import type { JournalFilter } from '../shell/router';
import { LineSign } from '../signs/line-sign';
import { Empty, Failed, Loading } from '../signs/notice';
import { EntryDetails } from './entry';
import { queryOf } from './filter';
import { Verification } from './verification';
import { sentence } from './words';

type Props = { filter: JournalFilter; onFilter: (filter: JournalFilter) => void };

export function JournalPage({ filter, onFilter }: Props) {
  const found = useInfiniteQuery({
    queryKey: ['journal', filter],
    queryFn: ({ pageParam, signal }) => get<JournalFound>(`/v1/journal/search?${queryOf(filter, pageParam)}`, signal),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.next_before ?? undefined,
  });
  const [news, setNews] = useState(0);
  const line = useLive('/v1/journal/events', (event) => {
    if (event.name === 'entry') setNews((before) => before + 1);
  });
  const pages = found.data?.pages ?? [];
  const entries = pages.flatMap((page) => page.entries);
  const lookedAt = pages.reduce((total, page) => total + page.looked_at, 0);
  const backTo = pages.at(-1)?.looked_back_to_ms;
  return (
    <div className="grid gap-4">
      <title>Journal · Tidegate</title>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h1>Journal</h1>
        <LineSign line={line} />
      </div>
      <Verification />
      <Filter filter={filter} onFilter={onFilter} />
      {news > 0 && (
        <button
          type="button"
          className="button justify-self-start"
          onClick={() => {
            setNews(0);
            void found.refetch();
          }}
        >
          {count(news)} new {news === 1 ? 'entry' : 'entries'}: show
        </button>
      )}
      {found.isPending && <Loading what="the journal" />}
      {found.isError && <Failed error={found.error} again={() => void found.refetch()} />}
      <ol className="grid gap-2" aria-label="Entries">
        {entries.map((entry) => (
          <Row key={entry.position} entry={entry} onFilter={onFilter} />
        ))}
      </ol>
      {found.data && entries.length === 0 && <Empty title="No entry matches" />}
      {found.data && (
        <p className="text-soft text-sm">
          {count(lookedAt)} entries were looked at
          {backTo != null && (
            <>
              , back to <Moment at={backTo} day />
            </>
          )}
          .
        </p>
      )}
      {found.hasNextPage && (
        <button type="button" className="button justify-self-start" disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          Look further back
        </button>
      )}
    </div>
  );
}

function Row({ entry, onFilter }: { entry: JournalEntry; onFilter: Props['onFilter'] }) {
  return (
    <li className="card py-2">
      <details>
        <summary className="flex min-h-8 cursor-pointer flex-wrap items-baseline gap-x-3">
          <span className="text-soft w-14 text-sm tabular-nums">{entry.position}</span>
          <span className="text-soft text-sm">
            <Moment at={entry.at_ms} day />
          </span>
          <span className="font-medium break-all">{entry.stream}</span>
          <span className="min-w-0 wrap-anywhere">{sentence(entry)}</span>
          <span className="text-soft min-w-0 text-sm wrap-anywhere">{entry.actor}</span>
        </summary>
        <EntryDetails entry={entry} />
        <button type="button" className="button mt-2" onClick={() => onFilter({ stream: entry.stream })}>
          Only {entry.stream}
        </button>
      </details>
    </li>
  );
}

function Filter({ filter, onFilter }: Props) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const next: JournalFilter = {};
    for (const name of ['stream', 'actor', 'from', 'until'] as const) {
      const value = String(form.get(name) ?? '').trim();
      if (value) next[name] = value;
    }
    onFilter(next);
  };
  return (
    // Filled anew when the filter comes from elsewhere: a link, or the button of an entry.
    <form key={JSON.stringify(filter)} className="card grid items-end gap-3 sm:grid-cols-2 lg:grid-cols-5" onSubmit={submit} aria-label="Filter">
      <Field name="stream" label="Stream" value={filter.stream} hint="release/r1, tokens" />
      <Field name="actor" label="Who" value={filter.actor} hint="part of a name" />
      <Field name="from" label="From" value={filter.from} type="datetime-local" />
      <Field name="until" label="Until" value={filter.until} type="datetime-local" />
      <div className="flex flex-wrap gap-2">
        <button type="submit" className="button button-main">
          Filter
        </button>
        <button type="button" className="button" onClick={() => onFilter({})}>
          Everything
        </button>
      </div>
    </form>
  );
}

function Field({ name, label, value, type = 'text', hint }: { name: string; label: string; value: string | undefined; type?: string; hint?: string }) {
  return (
    <label className="grid min-w-0 gap-1">
      <span className="text-sm font-medium">{label}</span>
      <input name={name} type={type} step={type === 'text' ? undefined : 1} className="field min-w-0" defaultValue={value} placeholder={hint} autoComplete="off" />
    </label>
  );
}
