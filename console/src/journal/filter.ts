// The filter of the journal as the server asks for it. People give times by their own clock.
import type { JournalFilter } from '../shell/router';

export function queryOf(filter: JournalFilter, before: number | undefined): string {
  const query = new URLSearchParams();
  if (before !== undefined) query.set('before', String(before));
  if (filter.stream) query.set('stream', filter.stream);
  if (filter.actor) query.set('actor', filter.actor);
  for (const [name, parameter] of [['from', 'from_ms'], ['until', 'until_ms']] as const) {
    const at = Date.parse(filter[name] ?? '');
    if (Number.isFinite(at)) query.set(parameter, String(at));
  }
  return query.toString();
}
