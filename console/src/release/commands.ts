// What a person can say to a release, and what will happen then, in the figures of this release. Which of them are offered is
// the server's word (`accepts`) and the token's scope.
import type { Command, Release } from '../api/generated';
import { percent } from '../clock/words';

export type Wording = {
  button: string;
  title: string;
  consequence: string;
  danger: boolean;
  /** Whether the journal wants to know why. */
  reason: boolean;
};

export function wording(command: Command, release: Release): Wording {
  const { service, version, live, rollback } = release;
  const on = percent(release.shares.confirmed_percent ?? 0);
  const before = live ?? 'the version before';
  switch (command) {
    case 'rollback':
      return {
        button: 'Roll back…',
        title: `Roll ${service} back to ${before}?`,
        consequence: `The share of ${version} goes from ${on} to 0 % at once; ${before} answers everybody. Then ${version} is withdrawn and goes into quarantine: nobody releases it again without a word for it.`,
        danger: true,
        reason: true,
      };
    case 'abort':
      return {
        button: 'Abort…',
        title: `Abort the release of ${service} ${version}?`,
        consequence: `The share of ${version} goes from ${on} to 0 %${live ? `; ${live} answers everybody` : ''}. The version is not blamed: it may be released again.`,
        danger: true,
        reason: true,
      };
    case 'pause':
      return {
        button: 'Pause…',
        title: `Pause ${service} ${version}?`,
        consequence: `The clock stops and the share stays at ${on}. The judge goes on watching: harm still takes users back.`,
        danger: false,
        reason: true,
      };
    case 'resume':
      return {
        button: 'Resume…',
        title: `Let ${service} ${version} go on?`,
        consequence:
          release.stage === 'held'
            ? `It stays at ${percent(release.shares.requested_percent)} and measures for one more soak before the judge decides again.`
            : 'The clock of the phase goes on where it stopped.',
        danger: false,
        reason: false,
      };
    case 'advance':
      return {
        button: 'Advance…',
        title: rollback ? 'Take the rest of the rollback upon yourself?' : `Advance ${service} ${version} without waiting?`,
        consequence: rollback ? 'What is left of the rollback counts as done by hand.' : afterAdvance(release),
        danger: false,
        reason: true,
      };
  }
}

function afterAdvance(release: Release): string {
  const next = release.phase_index == null ? undefined : release.plan.phases[release.phase_index + 1];
  const risk = 'The journal keeps the risk that was not excluded.';
  if (release.phase_index == null) return `${release.version} becomes the live version now, and the old one is not kept warm any longer. ${risk}`;
  if (!next) return `The last phase ends, and the watch begins. ${risk}`;
  return `The share goes from ${percent(release.shares.requested_percent)} to ${percent(next.share_percent)} now. ${risk}`;
}

/** What is sent along. An advance names its phase, so that said twice it moves nobody further. */
export function bodyOf(command: Command, release: Release, reason: string): Record<string, unknown> {
  if (command === 'resume') return {};
  if (command === 'advance' && release.phase_index != null && !release.rollback) return { reason, phase: release.phase_index };
  return { reason };
}
