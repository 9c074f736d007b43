// Server-sent events, read by hand: the browser's own EventSource cannot send the token.

export type ServerEvent = { name: string; data: string };

/** Cuts a stream of text into events. A chunk may end anywhere, also within a line. */
export class EventCutter {
  #rest = '';

  /** The events that this chunk completes. Comments are passed over: they only show that the server is alive. */
  take(chunk: string): ServerEvent[] {
    const blocks = (this.#rest + chunk).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => {
      const event = read(block);
      return event ? [event] : [];
    });
  }
}

function read(block: string): ServerEvent | undefined {
  let name = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const [field, value] = cut(line);
    if (field === 'event') name = value;
    if (field === 'data') data.push(value);
  }
  return data.length > 0 ? { name, data: data.join('\n') } : undefined;
}

function cut(line: string): [string, string] {
  const colon = line.indexOf(':');
  if (colon < 0) return [line, ''];
  const value = line.slice(colon + 1);
  return [line.slice(0, colon), value.startsWith(' ') ? value.slice(1) : value];
}
