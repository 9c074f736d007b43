// Whether the journal is what was written: every entry and every measurement, link by link. It reads everything, so that a
// person asks for it.
import { useMutation } from '@tanstack/react-query';
import { get } from '../api/client';
import type { Verification as Found } from '../api/generated';
import { count } from '../clock/words';
import { Shape } from '../signs/shape';
import { Failed } from '../signs/notice';

export function Verification() {
  const asked = useMutation({ mutationFn: () => get<Found>('/v1/journal/verify') });
  return (
    <section className="card grid gap-2" aria-labelledby="chain">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 id="chain">The chain</h2>
        <button type="button" className="button" disabled={asked.isPending} onClick={() => asked.mutate()}>
          {asked.isPending ? 'Verifying…' : 'Verify it'}
        </button>
      </div>
      <div role="status" className="grid gap-1 empty:hidden">
        {asked.data?.ok && <Whole found={asked.data} />}
        {asked.data && !asked.data.ok && <Damaged found={asked.data} />}
      </div>
      {asked.isError && <Failed error={asked.error} />}
      {asked.isIdle && <p className="text-soft">Each entry holds the hash of the one before it. Verifying computes all of them again.</p>}
    </section>
  );
}

function Whole({ found }: { found: Found }) {
  return (
    <>
      <p className="chip text-good">
        <Shape name="check" />
        Everything is as it was written
      </p>
      <p className="wrap-anywhere">
        {count(found.entries ?? 0)} entries in {count(found.streams ?? 0)} streams, {count(found.samples ?? 0)} measurements.
      </p>
      <p className="text-soft text-sm">
        Its end, to be kept elsewhere as an anchor: <code className="break-all">{found.head}</code>
      </p>
    </>
  );
}

function Damaged({ found }: { found: Found }) {
  const { damage } = found;
  return (
    <>
      <p className="chip text-bad">
        <Shape name="cross" />
        It was changed{damage && ` [${damage.code}]`}
      </p>
      {damage && (
        <>
          <p className="wrap-anywhere">{damage.message}</p>
          <p className="wrap-anywhere">
            At {damage.place}: found <code className="break-all">{damage.found}</code>, expected <code className="break-all">{damage.expected}</code>
          </p>
          <p className="text-soft wrap-anywhere">Next: {damage.hint}</p>
        </>
      )}
    </>
  );
}
