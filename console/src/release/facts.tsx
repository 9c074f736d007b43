// What exactly is released, by whom, under which plan.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Release } from '../api/generated';
import { Moment } from '../clock/moment';
import { count } from '../clock/words';

export function Facts({ release }: { release: Release }) {
  return (
    <section className="card grid content-start gap-3" aria-labelledby="facts">
      <h2 id="facts">Facts</h2>
      <dl className="grid gap-2">
        <Fact name="Release">
          {release.id}, a {release.type}
        </Fact>
        <Fact name="Opened">
          <Moment at={release.opened_at_ms} day /> by {release.opened_by}
        </Fact>
        {release.note && <Fact name="Note">{release.note}</Fact>}
        <Fact name="Before it">{release.live ?? 'nothing: it is the first'}</Fact>
        <Fact name="Artifact">
          <code className="break-all">{release.artifact}</code>
        </Fact>
        {release.quarantine_lifted && <Fact name="Quarantine lifted">{release.quarantine_lifted}</Fact>}
        {release.waits_for && (
          <Fact name="Waited for">
            <Link to="/releases/$id" params={{ id: release.waits_for }}>
              {release.waits_for}
            </Link>
          </Fact>
        )}
        <Fact name="Plan">
          {release.plan.name}, policy <code title={release.plan.policy_digest}>{release.plan.policy_digest.slice(0, 12)}</code>
        </Fact>
        <Fact name="Rests on">{count(release.measurements)} measurements</Fact>
        <Fact name="Journal">
          <Link to="/journal" search={{ stream: `release/${release.id}` }}>
            release/{release.id}
          </Link>
          , {count(release.seq)} entries
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-soft text-sm">{name}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </div>
  );
}
