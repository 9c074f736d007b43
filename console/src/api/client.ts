// Calls to the server. Nobody else in the console calls `fetch`: here the token is added, and here its end is noticed.
import { credentials, endSession } from '../session/session';
import { failureOf, Refused, UNREACHABLE } from './problem';

/** How long an answer may take before the server counts as away. */
const PATIENCE_MS = 15_000;

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await send(path, { signal: either(signal) });
  return (await response.json()) as T;
}

export async function post<T>(path: string, body: unknown): Promise<T> {
  const response = await send(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: either(),
  });
  return (await response.json()) as T;
}

/** Sends a request with the session's token. A token that is not good any more ends the session, and says why. */
export async function send(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, {
    ...init,
    headers: { ...init.headers, ...credentials() },
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
  }).catch((error: unknown) => {
    if (init.signal?.aborted && (init.signal.reason as Error | undefined)?.name === 'AbortError') throw error;
    throw new Refused(UNREACHABLE);
  });
  if (response.ok) return response;
  const failure = await failureOf(response);
  if (response.status === 401) endSession(failure);
  throw new Refused(failure);
}

function either(signal?: AbortSignal): AbortSignal {
  const late = AbortSignal.timeout(PATIENCE_MS);
  return signal ? AbortSignal.any([signal, late]) : late;
}
