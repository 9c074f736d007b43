// A moment as the reader's own clock shows it; in UTC for whoever compares it with a log.
import { useNow } from './now';
import { localTime, span, utc } from './words';

export function Moment({ at, day = false }: { at: number; day?: boolean }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={utc(at)} className="whitespace-nowrap tabular-nums">
      {localTime(at, day)}
    </time>
  );
}

/** How long ago, renewed every second. */
export function Ago({ at }: { at: number }) {
  const past = Math.max(0, useNow() - at);
  return (
    <time dateTime={new Date(at).toISOString()} title={`${localTime(at, true)}, ${utc(at)}`} className="tabular-nums">
      {past < 1_500 ? 'just now' : `${span(Math.floor(past / 1_000) * 1_000)} ago`}
    </time>
  );
}
