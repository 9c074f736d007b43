// The judge's interval against what is allowed: where the true difference lies, for all looks together, and the line that it
// must not be beyond. The sentence beside it says the same in words.
import type { Finding } from '../api/generated';
import { points } from '../clock/words';

const WIDTH = 320;
const HEIGHT = 44;
const EDGE = 10;

export type Scale = { low: number; high: number; at: (value: number) => number };

/** A scale that shows zero, the allowed line and as much of the interval as leaves them apart. */
export function scaleOf(finding: Finding, allowed: number): Scale {
  const { low, high, estimate } = finding.difference;
  // In the beginning the interval is everything from -100 to +100 points; zero and the line would be one.
  const reach = Math.max(allowed * 4, Math.abs(estimate ?? 0) * 2, 0.002);
  const from = Math.min(Math.max(low, -reach), 0, -reach / 4);
  const to = Math.max(Math.min(high, reach), allowed * 1.5, reach / 4);
  const at = (value: number) => EDGE + ((Math.min(to, Math.max(from, value)) - from) / (to - from)) * (WIDTH - 2 * EDGE);
  return { low: from, high: to, at };
}

/** What the difference may be at most: for latency the allowance is in the level already, beyond which a request is slow. */
export function allowedOf(finding: Finding): number {
  return finding.latency ? 0 : finding.margin;
}

export function Interval({ finding }: { finding: Finding }) {
  const allowed = allowedOf(finding);
  const scale = scaleOf(finding, allowed);
  const { low, high, estimate } = finding.difference;
  const middle = 16;
  const open = (beyond: boolean, x: number, out: number) =>
    beyond ? <path d={`M${x} ${middle - 5}l${out} 5l${-out} 5`} fill="currentColor" /> : <path d={`M${x} ${middle - 6}v12`} stroke="currentColor" strokeWidth="2" />;
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      className="text-canary w-full max-w-md"
      role="img"
      aria-label={`Difference between ${points(low)} and ${points(high)}; allowed is up to ${points(allowed)}`}
    >
      <path d={`M${scale.at(0)} 4v24`} stroke="var(--soft)" strokeWidth="1" />
      <path d={`M${scale.at(allowed)} 2v28`} stroke="var(--bad)" strokeWidth="2" strokeDasharray="4 3" />
      <path d={`M${scale.at(low)} ${middle}H${scale.at(high)}`} stroke="currentColor" strokeWidth="5" opacity="0.6" />
      {open(low < scale.low, scale.at(low), -7)}
      {open(high > scale.high, scale.at(high), 7)}
      {estimate != null && <circle cx={scale.at(estimate)} cy={middle} r="5" fill="currentColor" stroke="var(--card)" />}
      {allowed !== 0 && (
        <text x={scale.at(0) - 3} y={HEIGHT - 3} fontSize="11" textAnchor="end" fill="var(--soft)">
          same
        </text>
      )}
      <text x={scale.at(allowed) + 3} y={HEIGHT - 3} fontSize="11" textAnchor="start" fill="var(--bad)">
        allowed{allowed === 0 ? '' : ` ${points(allowed)}`}
      </text>
    </svg>
  );
}
