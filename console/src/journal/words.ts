// What an entry says, in one line. Kinds that are not known here are shown as they are: the journal may learn new ones before
// the console does.
import type { JournalEntry } from '../api/generated';
import { percent, plain, span } from '../clock/words';

/** The sentence of an entry, without who and when. */
export function sentence(entry: JournalEntry): string {
  const { body } = entry;
  const text = (name: string) => (typeof body[name] === 'string' ? (body[name] as string) : '');
  const number = (name: string) => (typeof body[name] === 'number' ? (body[name] as number) : undefined);
  const share = number('share');
  const phase = number('phase');
  const why = text('reason') ? `: ${text('reason')}` : '';
  switch (entry.kind) {
    case 'opened':
      return `opened${text('version') ? `: ${text('service')} ${text('version')} to ${text('channel')}` : ''}`;
    case 'phase_entered':
      return `phase ${(phase ?? 0) + 1} begins${share === undefined ? '' : `: ${ppm(share)}`}`;
    case 'share_confirmed':
      return share === undefined ? 'the lever confirmed a share' : `the lever confirmed ${ppm(share)}`;
    case 'phase_passed':
      return `phase ${(phase ?? 0) + 1} passed: ${text('verdict')}`;
    case 'held':
    case 'paused':
      return `${entry.kind}${why}`;
    case 'soak_extended':
      return `the phase takes longer${number('to') === undefined ? '' : ` (${span(number('to') ?? 0)})`}: ${text('verdict')}`;
    case 'rollback_step_done':
      return `rollback: ${plain(text('step'))} done. ${text('detail')}`;
    case 'sight_lost':
      return body['lost'] === true ? `no fresh measurements: ${text('detail')}` : 'measurements are back';
    case 'split_doubted':
      return body['doubted'] === true ? `the split is doubtful: ${text('detail')}` : 'the split is verified again';
    case 'token_issued':
      return `token issued to ${text('name')}`;
    case 'ended':
      return `over: ${plain(text('ending'))}`;
    default:
      return plain(entry.kind);
  }
}

function ppm(share: number): string {
  return percent(share / 10_000);
}
