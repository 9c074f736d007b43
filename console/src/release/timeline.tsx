// The phases in their order, and where the release is: the plan, the clock of the phase, and what really happened beside what
// was asked for.
import type { Phase, PhaseState, Release } from '../api/generated';
import { count, percent, span } from '../clock/words';
import { Shape, type ShapeName } from '../signs/shape';

const SIGNS: Record<PhaseState, { shape: ShapeName; word: string; tone: string }> = {
  done: { shape: 'check', word: 'passed', tone: 'text-good' },
  now: { shape: 'play', word: 'now', tone: 'text-accent' },
  ahead: { shape: 'ring', word: 'ahead', tone: 'text-soft' },
  unknown: { shape: 'half', word: 'not known now', tone: 'text-soft' },
};

export function Timeline({ release }: { release: Release }) {
  const watching = release.stage === 'watching' || (release.clock != null && release.phase_index == null);
  return (
    <section className="card grid gap-4" aria-labelledby="timeline">
      <h2 id="timeline">Phases</h2>
      <ol className="grid gap-3 sm:grid-cols-2 lg:grid-flow-col lg:auto-cols-fr lg:grid-cols-none">
        {release.plan.phases.map((phase, index) => (
          <PhaseStep key={index} phase={phase} release={release} />
        ))}
        <li className="border-line rounded-md border p-3">
          <p className="font-semibold">Watch</p>
          <p className={`chip ${watching ? 'text-accent' : 'text-soft'}`}>
            <Shape name={watching ? 'eye' : release.stage === 'completed' ? 'check' : 'ring'} />
            {watching ? 'now' : release.stage === 'completed' ? 'passed' : 'ahead'}
          </p>
          {watching ? <SoakBar release={release} /> : <p className="text-soft text-sm">{span(release.plan.watch_ms)}</p>}
        </li>
      </ol>
      <Split release={release} />
    </section>
  );
}

function PhaseStep({ phase, release }: { phase: Phase; release: Release }) {
  const stopped = phase.state === 'now' && release.rollback != null;
  const sign = stopped ? { shape: 'back' as const, word: 'taken back here', tone: 'text-bad' } : SIGNS[phase.state];
  const running = phase.state === 'now' && !stopped && release.clock;
  return (
    <li className="border-line rounded-md border p-3" aria-current={phase.state === 'now' ? 'step' : undefined}>
      <p className="text-xl font-semibold tabular-nums">{percent(phase.share_percent)}</p>
      <p className={`chip ${sign.tone}`}>
        <Shape name={sign.shape} />
        {sign.word}
      </p>
      {running ? <SoakBar release={release} /> : <p className="text-soft text-sm">{phase.soak_ms > 0 ? span(phase.soak_ms) : 'no wait'}</p>}
    </li>
  );
}

function SoakBar({ release }: { release: Release }) {
  const { clock } = release;
  if (!clock) return null;
  const part = clock.soak_for_ms > 0 ? Math.min(1, clock.soak_ms / clock.soak_for_ms) : 1;
  return (
    <div className="mt-1">
      <div
        role="progressbar"
        aria-label="Soak"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(part * 100)}
        className="border-line h-2.5 overflow-hidden rounded border"
      >
        <div className="bg-accent bar h-full" style={{ width: `${part * 100}%` }} />
      </div>
      <p className="text-sm tabular-nums">
        {span(clock.soak_ms)} of {span(clock.soak_for_ms)}
        {release.stopped_by && <span className="text-warn"> (stopped)</span>}
      </p>
    </div>
  );
}

function Split({ release }: { release: Release }) {
  const { shares } = release;
  const seen = shares.observed_in_phase ?? shares.observed;
  return (
    <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-3">
      <div>
        <dt className="text-soft text-sm">Asked for</dt>
        <dd className="font-medium tabular-nums">{percent(shares.requested_percent)}</dd>
      </div>
      <div>
        <dt className="text-soft text-sm">Confirmed by the lever</dt>
        <dd className="font-medium tabular-nums">{shares.confirmed_percent == null ? 'not yet' : percent(shares.confirmed_percent)}</dd>
      </div>
      <div>
        <dt className="text-soft text-sm">{shares.observed_in_phase ? 'Seen in the requests of this phase' : 'Seen in the last requests'}</dt>
        <dd className="font-medium tabular-nums">
          {seen?.canary_percent == null
            ? 'no requests yet'
            : `${percent(seen.canary_percent)} (${count(seen.canary_requests)} of ${count(seen.canary_requests + seen.stable_requests)})`}
          {shares.doubt && <span className="text-warn block">{shares.doubt}</span>}
        </dd>
      </div>
    </dl>
  );
}
