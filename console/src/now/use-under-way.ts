// Every release that moves, live. What ended while the page was open stays until the page is left: whoever looked away for a
// moment must see how it ended.
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { Line } from '../api/follow';
import type { ServerEvent } from '../api/events';
import type { Release, UnderWay } from '../api/generated';
import { useLive } from '../api/use-live';
import { serverSaid } from '../clock/now';

export type Moving = { known: boolean; releases: Release[]; line: Line };

export function useUnderWay(): Moving {
  const queries = useQueryClient();
  const [ids, setIds] = useState<string[] | undefined>(undefined);
  const [releases, setReleases] = useState<ReadonlyMap<string, Release>>(new Map());
  const onEvent = useCallback(
    (event: ServerEvent) => {
      if (event.name === 'under_way') {
        const list = JSON.parse(event.data) as UnderWay;
        serverSaid(list.now_ms);
        setIds(list.releases);
        void queries.invalidateQueries({ queryKey: ['services'] });
      }
      if (event.name === 'release') {
        const release = JSON.parse(event.data) as Release;
        setReleases((before) => new Map(before).set(release.id, release));
      }
    },
    [queries],
  );
  const line = useLive('/v1/releases/live', onEvent);
  const shown = [...releases.values()].filter((release) => release.over || ids?.includes(release.id));
  shown.sort((a, b) => rank(a) - rank(b) || b.opened_at_ms - a.opened_at_ms);
  return { known: ids !== undefined, releases: shown, line };
}

/** What needs a person comes first, what is over last. */
function rank(release: Release): number {
  if (release.waits_for_person) return 0;
  if (release.stage === 'rolling_back') return 1;
  return release.over ? 3 : 2;
}
