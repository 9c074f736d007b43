// How long the judge still needs, if things go on as they are.
import type { Release } from '../api/generated';
import { span } from '../clock/words';

/** In a sentence; nothing where there is nothing to wait for. */
export function timeStillNeeded(release: Release): string | undefined {
  const required = release.verdict?.findings.flatMap((finding) => (finding.pass?.required && !finding.pass.reached ? [finding.pass] : []));
  if (!required || required.length === 0) return undefined;
  if (required.some((pass) => pass.requests_still_needed == null)) return 'From what was seen so far it cannot be told when it will be shown that it is well.';
  const requests = Math.max(...required.map((pass) => pass.requests_still_needed ?? 0));
  const rate = canaryRate(release);
  return rate > 0 ? `At the present traffic it needs about ${span((requests / rate) * 1_000)} more to show that it is well.` : undefined;
}

/** Requests per second of the new version in the last interval. */
function canaryRate(release: Release): number {
  const { from_ms: from, to_ms: to, canary } = release.arms;
  if (from == null || to == null || to <= from) return 0;
  return ((canary.last?.requests ?? 0) / (to - from)) * 1_000;
}
