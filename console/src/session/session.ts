// Who is signed in. The token is kept in this tab, or on this device when the person asks for it; it is nowhere else, and in
// no address.
import { useSyncExternalStore } from 'react';
import type { Me, Scope } from '../api/generated';
import type { Failure } from '../api/problem';

const TOKEN = 'tidegate.token';
const PERSON = 'tidegate.person';

type Kept = { token: string; person: string };

export type Session = {
  kept: Kept | undefined;
  /** Whom the server takes us for; known after the first answer. */
  me: Me | undefined;
  /** Why the last session ended, when the server ended it. */
  ended: Failure | undefined;
};

let session: Session = { kept: stored(), me: undefined, ended: undefined };
const listeners = new Set<() => void>();

export function useSession(): Session {
  return useSyncExternalStore(listen, () => session);
}

/** Whether the token allows this. The server refuses it anyway; the console does not offer it. */
export function useMay(scope: Scope): boolean {
  const scopes = useSession().me?.token.scopes ?? [];
  return scopes.includes(scope) || scopes.includes('admin');
}

export function beginSession(kept: Kept, remember: boolean): void {
  forget();
  const storage = remember ? localStorage : sessionStorage;
  storage.setItem(TOKEN, kept.token);
  storage.setItem(PERSON, kept.person);
  change({ kept, me: undefined, ended: undefined });
}

export function known(me: Me): void {
  change({ ...session, me });
}

/** Ends the session; with a failure when the server did it. */
export function endSession(ended?: Failure): void {
  if (!session.kept) return;
  forget();
  change({ kept: undefined, me: undefined, ended });
}

export function credentials(): Record<string, string> {
  if (!session.kept) return {};
  const { token, person } = session.kept;
  const headers: Record<string, string> = { authorization: `Bearer ${token}` };
  if (person) headers['x-tidegate-actor'] = bytesOf(person);
  return headers;
}

/** The server reads names as UTF-8; a header holds bytes, which `fetch` takes as characters below 256. */
export function bytesOf(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

function stored(): Kept | undefined {
  for (const storage of [sessionStorage, localStorage]) {
    const token = storage.getItem(TOKEN);
    if (token) return { token, person: storage.getItem(PERSON) ?? '' };
  }
  return undefined;
}

function forget(): void {
  for (const storage of [sessionStorage, localStorage]) {
    storage.removeItem(TOKEN);
    storage.removeItem(PERSON);
  }
}

function change(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
