/**
 * A short name for a text: FNV-1a, twice 32 bits. Storage keys are made of it, so that neither a token nor the name of a
 * user is written where the next person at this browser reads it. It has to answer in the first render; the browser's own
 * digests answer later.
 */
export function fingerprint(text: string): string {
  return hash(text, 0x811c9dc5) + hash(text, 0x27d4eb2f);
}

function hash(text: string, seed: number): string {
  let state = seed;
  for (let at = 0; at < text.length; at += 1) {
    state = Math.imul(state ^ text.charCodeAt(at), 0x01000193) >>> 0;
  }
  return state.toString(16).padStart(8, '0');
}
