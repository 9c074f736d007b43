// Lets in whoever the server knows, and shows the door to anybody else. The address stays, so that a session that ended goes
// on where it was.
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { get } from '../api/client';
import type { Me } from '../api/generated';
import { serverSaid } from '../clock/now';
import { Failed, Loading } from '../signs/notice';
import { endSession, known, useMay, useSession } from './session';
import { SignIn } from './sign-in';

export function Door({ children }: { children: ReactNode }) {
  const { kept, me } = useSession();
  const asked = useQuery({
    queryKey: ['me', kept?.token],
    enabled: kept !== undefined,
    refetchInterval: 60_000,
    queryFn: async ({ signal }) => {
      const answer = await get<Me>('/v1/me', signal);
      serverSaid(answer.now_ms);
      return answer;
    },
  });
  useEffect(() => {
    if (asked.data) known(asked.data);
  }, [asked.data]);
  const mayRead = useMay('read');
  if (!kept) return <SignIn />;
  if (!me) {
    return (
      <main id="main" className="mx-auto max-w-md p-4 pt-12">
        <h1>Tidegate</h1>
        {asked.isError ? <Failed error={asked.error} again={() => void asked.refetch()} /> : <Loading what="who you are" />}
      </main>
    );
  }
  if (!mayRead) return <MayNotRead me={me} />;
  return children;
}

function MayNotRead({ me }: { me: Me }) {
  return (
    <main id="main" className="mx-auto max-w-md p-4 pt-12">
      <h1>Tidegate</h1>
      <p role="alert" className="card mt-4">
        The token {me.token.name} allows {me.token.scopes.join(', ')} and not <code>read</code>, so that there is nothing to show. An
        admin can issue one that does.
      </p>
      <button type="button" className="button mt-4" onClick={() => endSession()}>
        Use another token
      </button>
    </main>
  );
}
