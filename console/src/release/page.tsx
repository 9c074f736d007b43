// One release: while it moves the place to watch it and to take it back, after its end the record of it.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { get } from '../api/client';
import type { Release } from '../api/generated';
import { useLive } from '../api/use-live';
import { Moment } from '../clock/moment';
import { LineSign } from '../signs/line-sign';
import { Failed, Loading } from '../signs/notice';
import { StageSign } from '../signs/sign';
import { Buttons } from './buttons';
import { Events } from './events';
import { Facts } from './facts';
import { RollbackClock } from './rollback-clock';
import { Timeline } from './timeline';
import { Trouble } from './trouble';
import { VerdictPanel } from './verdict';

const Charts = lazy(async () => ({ default: (await import('./charts')).Charts }));

export function ReleasePage({ id }: { id: string }) {
  const queries = useQueryClient();
  const key = ['release', id];
  const asked = useQuery({ queryKey: key, queryFn: ({ signal }) => get<Release>(`/v1/releases/${encodeURIComponent(id)}`, signal), staleTime: 0 });
  const release = asked.data;
  // What is over changes no more.
  const path = release && !release.over ? `/v1/releases/${release.id}/live` : undefined;
  const line = useLive(path, (event) => {
    if (event.name === 'release') queries.setQueryData(key, JSON.parse(event.data) as Release);
  });
  if (!release) {
    return (
      <div className="grid gap-4">
        <h1 className="break-all">Release {id}</h1>
        {asked.isError ? <Failed error={asked.error} again={() => void asked.refetch()} /> : <Loading what={`release ${id}`} />}
      </div>
    );
  }
  return (
    <div className="grid gap-4">
      <title>{`${release.service} ${release.version} · Tidegate`}</title>
      <header className="grid gap-2">
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
          <h1 className="min-w-0 wrap-anywhere">
            {release.service} {release.version} <span className="text-soft text-lg font-normal">to {release.channel}</span>
          </h1>
          {release.over ? (
            <p className="text-soft text-sm">
              The record. It ended at <Moment at={release.last_at_ms} day />
            </p>
          ) : (
            <LineSign line={line} />
          )}
        </div>
        <StageSign stage={release.stage} />
        <p className="wrap-anywhere">{release.headline}</p>
        <Buttons release={release} />
      </header>
      <Trouble release={release} />
      {release.rollback && (
        <div className="card border-bad">
          <h2 className="mb-2">Rollback</h2>
          <RollbackClock rollback={release.rollback} over={release.over} />
        </div>
      )}
      <Timeline release={release} />
      <VerdictPanel release={release} />
      <Suspense fallback={<Loading what="the charts" />}>
        <Charts release={release} />
      </Suspense>
      <div className="grid gap-4 lg:grid-cols-[2fr_1fr]">
        <Events release={release} />
        <Facts release={release} />
      </div>
    </div>
  );
}
