// A release that moves, in five seconds: what, how far, for how long, whether it is well, and the way back.
import { Link } from '@tanstack/react-router';
import type { Release } from '../api/generated';
import { percent, span } from '../clock/words';
import { Buttons } from '../release/buttons';
import { RollbackClock } from '../release/rollback-clock';
import { OutcomeSign, StageSign } from '../signs/sign';

export function MovingCard({ release }: { release: Release }) {
  const phases = release.plan.phases.length;
  const { clock } = release;
  const ramping = release.phase_index != null && !release.rollback;
  return (
    <article className="card grid gap-3" aria-label={`${release.service} ${release.version}`}>
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <h3 className="text-lg wrap-anywhere">
          <Link to="/releases/$id" params={{ id: release.id }}>
            {release.service} {release.version}
          </Link>{' '}
          <span className="text-soft font-normal">to {release.channel}</span>
        </h3>
        <StageSign stage={release.stage} />
      </div>
      <p className="wrap-anywhere">{release.headline}</p>
      {release.rollback ? (
        <RollbackClock rollback={release.rollback} over={release.over} short />
      ) : (
        <dl className="grid grid-cols-2 gap-x-6 gap-y-2 sm:grid-cols-4">
          <Figure name="Phase" value={ramping ? `${(release.phase_index ?? 0) + 1} of ${phases}` : '–'} />
          <Figure name="Users on it" value={share(release)} />
          <Figure name="Soak" value={clock ? `${span(clock.soak_ms)} of ${span(clock.soak_for_ms)}` : '–'} />
          <div>
            <dt className="text-soft text-sm">Verdict</dt>
            <dd>{release.verdict ? <OutcomeSign outcome={release.verdict.outcome} /> : '–'}</dd>
          </div>
        </dl>
      )}
      <Buttons release={release} only={['resume', 'rollback', 'abort']} />
    </article>
  );
}

function share(release: Release): string {
  const { confirmed_percent: confirmed, requested_percent: requested } = release.shares;
  if (confirmed == null) return `${percent(requested)} asked for`;
  return confirmed === requested ? percent(confirmed) : `${percent(confirmed)}, ${percent(requested)} asked for`;
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt className="text-soft text-sm">{name}</dt>
      <dd className="font-medium tabular-nums">{value}</dd>
    </div>
  );
}
