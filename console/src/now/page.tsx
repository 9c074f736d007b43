// What the person on call sees first: what waits for them, what moves and whether it is well, what is live.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { get } from '../api/client';
import type { ServiceInChannel, Services, Status } from '../api/generated';
import { Ago } from '../clock/moment';
import { LineSign } from '../signs/line-sign';
import { Empty, Failed, Loading, Notice } from '../signs/notice';
import { MovingCard } from './card';
import { useUnderWay } from './use-under-way';

export function NowPage() {
  const moving = useUnderWay();
  const waiting = moving.releases.filter((release) => release.waits_for_person);
  const others = moving.releases.filter((release) => !release.waits_for_person);
  return (
    <div className="grid gap-6">
      <title>Now · Tidegate</title>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h1>Now</h1>
        <LineSign line={moving.line} />
      </div>
      <ServerNotices />
      {waiting.length > 0 && (
        <section className="grid gap-3" aria-labelledby="waiting">
          <h2 id="waiting">Waiting for a person</h2>
          {waiting.map((release) => (
            <MovingCard key={release.id} release={release} />
          ))}
        </section>
      )}
      <section className="grid gap-3" aria-labelledby="moving">
        <h2 id="moving">Moving</h2>
        {!moving.known && <Loading what="what moves" />}
        {moving.known && moving.releases.length === 0 && (
          <Empty title="Nothing is moving">
            <p>
              A release begins with <code>tidegate release open</code>. Those that ended are under <Link to="/releases">Releases</Link>.
            </p>
          </Empty>
        )}
        {others.map((release) => (
          <MovingCard key={release.id} release={release} />
        ))}
      </section>
      <LiveServices />
    </div>
  );
}

/** What is wrong with the server itself. */
function ServerNotices() {
  const status = useQuery({
    queryKey: ['status'],
    queryFn: ({ signal }) => get<Status>('/v1/status', signal),
    refetchInterval: 10_000,
  });
  const leadership = status.data?.leadership;
  return (
    <>
      {leadership?.state === 'follows' && (
        <Notice shape="hand" tone="text-warn" title={`Another replica leads: ${leadership.leader}`}>
          What is seen here may be a little late; commands are refused.
        </Notice>
      )}
      {leadership?.state === 'stuck' && (
        <Notice shape="cross" tone="text-bad" title={`Nobody drives releases [${leadership.code}]`}>
          {leadership.why}. Next: {leadership.hint}
        </Notice>
      )}
      {status.data?.unreadable?.map((release) => (
        <Notice key={release.release} shape="cross" tone="text-bad" title={`${release.release} cannot be read [${release.code}]`}>
          {release.why}. Next: {release.hint}
        </Notice>
      ))}
    </>
  );
}

function LiveServices() {
  const services = useQuery({
    queryKey: ['services'],
    queryFn: ({ signal }) => get<Services>('/v1/services', signal),
    refetchInterval: 30_000,
  });
  const problem = services.data?.policy.problem;
  return (
    <section className="grid gap-3" aria-labelledby="live">
      <h2 id="live">Live</h2>
      {services.isPending && <Loading what="the services" />}
      {services.isError && !services.data && <Failed error={services.error} again={() => void services.refetch()} />}
      {problem && (
        <Notice shape="cross" tone="text-bad" title={`The policy cannot be used [${problem.code}]`}>
          {problem.detail}. Next: {problem.hint}
        </Notice>
      )}
      {services.data?.services.length === 0 && <Empty title="The policy names no service" />}
      <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        {services.data?.services.map((service) => (
          <li key={`${service.service}/${service.channel}`} className="card">
            <Service service={service} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Service({ service }: { service: ServiceInChannel }) {
  return (
    <>
      <p className="wrap-anywhere">
        <span className="font-semibold">{service.service}</span> <span className="text-soft">in {service.channel}</span>
      </p>
      {service.live ? (
        <p className="mt-1 wrap-anywhere">
          <span className="text-xl font-semibold">{service.live.version}</span>{' '}
          <span className="text-soft">
            went live <Ago at={service.live.since_ms} /> with{' '}
            <Link to="/releases/$id" params={{ id: service.live.release }}>
              {service.live.release}
            </Link>
          </span>
        </p>
      ) : (
        <p className="text-soft mt-1">Nothing was released here yet</p>
      )}
      {service.under_way && (
        <p className="mt-1">
          Moving:{' '}
          <Link to="/releases/$id" params={{ id: service.under_way }}>
            {service.under_way}
          </Link>
        </p>
      )}
      {!service.in_policy && <p className="text-soft mt-1 text-sm">The policy does not name it any more</p>}
    </>
  );
}
