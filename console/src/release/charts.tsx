// What both versions did, from the first measurement to the last. Loaded when a release is looked at: the first page needs no
// charts.
import { useMemo } from 'react';
import type { Release } from '../api/generated';
import { latency, percent, span } from '../clock/words';
import { Chart } from './chart';
import { errorColumns, latencyColumns, shareColumns, WINDOW } from './columns';
import { useSeries } from './use-series';

export function Charts({ release }: { release: Release }) {
  const series = useSeries(release.id, release.measurements);
  const errors = useMemo(() => errorColumns(series), [series]);
  const slow = useMemo(() => latencyColumns(series), [series]);
  const share = useMemo(() => shareColumns(series), [series]);
  const arms: [string, string] = [release.live ?? 'old version', release.version];
  return (
    <section className="card grid gap-4" aria-labelledby="charts">
      <div>
        <h2 id="charts">Both versions</h2>
        <p className="text-soft text-sm">Each point is over the last {span(release.plan.interval_ms * WINDOW)}.</p>
      </div>
      {series.last === 0 ? (
        <p className="text-soft">{release.plan.measured ? 'Nothing was measured yet.' : 'Nothing counts requests of this service, so there is nothing to draw.'}</p>
      ) : (
        <div className="grid gap-6 lg:grid-cols-2">
          <Chart title="Failed requests" columns={errors} names={arms} say={percent} />
          <Chart title="Latency, 95th percentile" columns={slow} names={arms} say={sayMs} />
          <Chart title={`Users on ${release.version}`} columns={share} names={['asked for', 'seen']} say={percent} />
        </div>
      )}
    </section>
  );
}

function sayMs(ms: number): string {
  return latency(ms * 1_000);
}
