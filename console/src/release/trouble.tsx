// What stands in the way: why it waits, what stops the clock, what the world refuses.
import type { Release } from '../api/generated';
import { Ago } from '../clock/moment';
import { Notice } from '../signs/notice';

export function Trouble({ release }: { release: Release }) {
  return (
    <div className="grid gap-3 empty:hidden">
      {release.hold && (
        <Notice shape="hand" tone="text-warn" title="It waits for a person">
          {release.hold.reason} (since <Ago at={release.hold.since_ms} />)
        </Notice>
      )}
      {release.paused != null && (
        <Notice shape="pause" tone="text-warn" title="A person paused it">
          {release.paused}
        </Notice>
      )}
      {release.stopped_by != null && !release.hold && release.paused == null && (
        <Notice shape="pause" tone="text-warn" title="The clock of the phase stands still">
          {release.stopped_by}
        </Notice>
      )}
      {release.degradation_shared && (
        <Notice shape="half" tone="text-warn" title="Both versions are degraded: what they share is broken, and nobody is blamed" />
      )}
      {release.troubles.map((trouble) => (
        <Notice key={trouble.what} shape="cross" tone="text-bad" title={`${trouble.what} fails [${trouble.code}]`}>
          {trouble.message} (since <Ago at={trouble.since_ms} />). Next: {trouble.hint}
        </Notice>
      ))}
      {release.unwritten > 0 && (
        <Notice shape="hand" tone="text-warn" title={`${release.unwritten} facts are true and not yet in the journal`} />
      )}
    </div>
  );
}
