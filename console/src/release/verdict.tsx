// What the judge says, metric by metric, how long it still needs, and how near the triggers are.
import type { Finding, Release, Streak, Verdict } from '../api/generated';
import { count, latency, plain } from '../clock/words';
import { OutcomeSign } from '../signs/sign';
import { Interval } from './interval';
import { timeStillNeeded } from './needed';

const NAMES: Record<string, string> = {
  error_rate: 'Errors',
  gross_errors: 'Errors, grossly',
  p50: 'Median latency',
  p95: 'Latency, 95th percentile',
  p99: 'Latency, 99th percentile',
  gross_latency: 'Latency, grossly',
  throughput: 'Throughput',
};

export function VerdictPanel({ release }: { release: Release }) {
  const { verdict } = release;
  return (
    <section className="card grid gap-4" aria-labelledby="verdict">
      <h2 id="verdict">Verdict</h2>
      {verdict ? <Said verdict={verdict} release={release} /> : <p className="text-soft">Nobody is on the new version yet, so there is nothing to judge.</p>}
    </section>
  );
}

function Said({ verdict, release }: { verdict: Verdict; release: Release }) {
  // Once it is decided nobody waits for more evidence.
  const open = !release.rollback && !release.over && verdict.outcome !== 'harm';
  const needed = open ? timeStillNeeded(release) : undefined;
  return (
    <>
      <div>
        <OutcomeSign outcome={verdict.outcome} />
        <p className="mt-1 wrap-anywhere">{verdict.sentence}</p>
        {needed && <p className="mt-1">{needed}</p>}
        {verdict.shared_degradation && <p className="text-warn mt-1">Both versions are degraded: nobody is blamed.</p>}
      </div>
      <ul className="grid gap-4 md:grid-cols-2">
        {verdict.findings.map((finding) => (
          <FindingItem key={finding.metric} finding={finding} open={open} />
        ))}
      </ul>
      <Triggers verdict={verdict} />
      {verdict.not_judged.length > 0 && (
        <details>
          <summary className="min-h-8 cursor-pointer font-medium">What it does not speak about ({verdict.not_judged.length})</summary>
          <ul className="mt-2 grid gap-1">
            {verdict.not_judged.map((silent) => (
              <li key={silent.what} className="wrap-anywhere">
                <span className="font-medium">{NAMES[silent.what] ?? plain(silent.what)}:</span> {silent.why}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function FindingItem({ finding, open }: { finding: Finding; open: boolean }) {
  const levels = finding.latency;
  return (
    <li className="border-line rounded-md border p-3">
      <h3>{NAMES[finding.metric] ?? plain(finding.metric)}</h3>
      <Interval finding={finding} />
      <p className="text-sm wrap-anywhere">{finding.sentence}</p>
      {levels && (
        <p className="text-soft text-sm">
          Slow is beyond {latency(levels.stable_us)} on the old version and {latency(levels.canary_us)} on the new one.
        </p>
      )}
      {open && finding.pass?.required && (
        <p className="text-soft text-sm">
          {finding.pass.reached
            ? 'Shown: it lies within what this phase allows.'
            : finding.pass.requests_still_needed != null
              ? `About ${count(finding.pass.requests_still_needed)} more requests of the new version would show that it is well.`
              : 'Not shown yet that it is well.'}
        </p>
      )}
    </li>
  );
}

function Triggers({ verdict }: { verdict: Verdict }) {
  const { error_streak: errors, latency_streak: slow } = verdict;
  if (!errors && !slow) return null;
  return (
    <div>
      <h3>Triggers</h3>
      <ul className="mt-1 grid gap-2 sm:grid-cols-2">
        {errors && <Trigger name="Errors" streak={errors} />}
        {slow && <Trigger name="Response time" streak={slow} />}
        <li className="border-line rounded-md border p-3">
          <p className="font-medium">Proof of harm</p>
          <Meter label="Proof of harm" part={nearness(verdict.harm_evidence, verdict.harm_needed)} />
        </li>
      </ul>
    </div>
  );
}

/** Evidence multiplies; how near it is to what it must reach is a matter of its logarithm. */
export function nearness(evidence: number, needed: number): number {
  if (evidence <= 1) return 0;
  return Math.min(1, Math.log(evidence) / Math.log(needed));
}

function Trigger({ name, streak }: { name: string; streak: Streak }) {
  return (
    <li className="border-line rounded-md border p-3">
      <p className="font-medium">{name}</p>
      <p className="text-sm tabular-nums">
        {streak.windows} of {streak.windows_needed} windows in a row
        {streak.windows >= streak.windows_needed && streak.guard < streak.guard_needed && '; the old version is not better, so nobody is blamed'}
      </p>
      <Meter label={`${name}: windows in a row`} part={streak.windows / Math.max(1, streak.windows_needed)} />
    </li>
  );
}

function Meter({ label, part }: { label: string; part: number }) {
  const whole = Math.round(Math.min(1, part) * 100);
  return (
    <div className="flex items-center gap-2">
      <div
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={whole}
        className="border-line h-2.5 grow overflow-hidden rounded border"
      >
        <div className={`bar h-full ${whole >= 70 ? 'bg-bad' : 'bg-accent'}`} style={{ width: `${whole}%` }} />
      </div>
      <span className="w-20 text-right text-sm tabular-nums">{whole} % near</span>
    </div>
  );
}

