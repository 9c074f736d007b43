// Why a call failed, in the words of whoever refused it. The server's errors all have one shape; what never reached a server
// gets the same shape here, so that one component shows any of them.
import type { Problem } from './generated';

export type Failure = Pick<Problem, 'code' | 'title' | 'detail' | 'hint' | 'status'>;

export class Refused extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.title);
    this.failure = failure;
  }
}

/** What a failed answer says. A proxy on the way may answer in its own words: those are not taken for the server's. */
export async function failureOf(response: Response): Promise<Failure> {
  const type = response.headers.get('content-type') ?? '';
  if (type.startsWith('application/problem+json')) {
    return (await response.json()) as Problem;
  }
  return {
    code: '',
    title: `the answer was ${response.status}`,
    detail: 'it did not come from Tidegate but from something before it',
    hint: 'look at the proxy between you and the server',
    status: response.status,
  };
}

export const UNREACHABLE: Failure = {
  code: '',
  title: 'the server does not answer',
  detail: 'the network or the server is away',
  hint: 'this page tries again by itself',
  status: 0,
};

export function failureFrom(error: unknown): Failure {
  if (error instanceof Refused) return error.failure;
  return UNREACHABLE;
}
