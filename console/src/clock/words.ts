// Times and numbers in words. The language of the console is English; the order of a date is the reader's.

/** A span as people say it: two units, no more than they need. */
export function span(ms: number): string {
  if (ms < 0) return `-${span(-ms)}`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 100) / 10;
  if (seconds < 10) return `${seconds} s`;
  const whole = Math.floor(ms / 1_000);
  const parts: Array<[number, string]> = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3_600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  const said = parts.slice(first, first + 2).filter(([amount]) => amount > 0);
  return said.map(([amount, unit]) => `${amount} ${unit}`).join(' ');
}

export function percent(value: number): string {
  const digits = value !== 0 && Math.abs(value) < 10 ? 2 : 1;
  return `${Number(value.toFixed(digits))} %`;
}

/** A difference of two fractions in percentage points, with its sign. */
export function points(fraction: number): string {
  const value = Number((fraction * 100).toFixed(Math.abs(fraction) < 0.01 ? 3 : 2));
  return `${value > 0 ? '+' : ''}${value} points`;
}

export function latency(us: number): string {
  return us < 1_000 ? `${Math.round(us)} µs` : us < 1_000_000 ? `${Number((us / 1_000).toPrecision(3))} ms` : `${Number((us / 1_000_000).toPrecision(3))} s`;
}

export function count(value: number): string {
  return value.toLocaleString('en');
}

/** `rolled_back` as people write it. */
export function plain(word: string): string {
  return word.replaceAll('_', ' ');
}

export function localTime(ms: number, day: boolean): string {
  const time: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
  const date: Intl.DateTimeFormatOptions = { year: 'numeric', month: 'short', day: 'numeric' };
  return new Intl.DateTimeFormat(undefined, day ? { ...date, ...time } : time).format(ms);
}

export function utc(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace(/\.\d+Z/, ' UTC');
}
