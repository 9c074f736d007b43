// All releases, the newest first.
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { get } from '../api/client';
import type { ReleaseList } from '../api/generated';
import { Moment } from '../clock/moment';
import { Empty, Failed, Loading } from '../signs/notice';
import { StageSign } from '../signs/sign';

export function ReleaseListPage() {
  const list = useInfiniteQuery({
    queryKey: ['releases'],
    queryFn: ({ pageParam, signal }) => get<ReleaseList>(`/v1/releases${pageParam ? `?before=${pageParam}` : ''}`, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_before ?? undefined,
    refetchInterval: 10_000,
  });
  const releases = list.data?.pages.flatMap((page) => page.releases) ?? [];
  return (
    <div className="grid gap-4">
      <title>Releases · Tidegate</title>
      <h1>Releases</h1>
      {list.isPending && <Loading what="the releases" />}
      {list.isError && <Failed error={list.error} again={() => void list.refetch()} />}
      {list.data && releases.length === 0 && (
        <Empty title="There was no release yet">
          <p>
            <code>tidegate release open</code> begins one.
          </p>
        </Empty>
      )}
      <ul className="grid gap-2">
        {releases.map((release) => (
          <li key={release.id} className="card grid gap-1 sm:grid-cols-[1fr_auto] sm:items-baseline">
            <p className="min-w-0 wrap-anywhere">
              <Link to="/releases/$id" params={{ id: release.id }} className="font-semibold">
                {release.service} {release.version}
              </Link>{' '}
              <span className="text-soft">
                {release.id} to {release.channel}
              </span>
            </p>
            <StageSign stage={release.stage} />
            <p className="text-soft min-w-0 text-sm wrap-anywhere">{release.headline}</p>
            <p className="text-soft text-sm wrap-anywhere">
              <Moment at={release.opened_at_ms} day /> by {release.opened_by}
            </p>
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <button type="button" className="button justify-self-start" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Older ones
        </button>
      )}
    </div>
  );
}
