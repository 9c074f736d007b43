/** The root of an application's flags: everything below it sees them and follows them. */

import { OpenFeatureProvider } from '@openfeature/react-sdk';
import { type ReactNode, useEffect, useMemo } from 'react';
import { Loading } from './loading.js';
import { sessionFor } from './session.js';
import { connectionOf, domainOf, type Settings } from './settings.js';

export interface TidegateProviderProps extends Settings {
  /** Suspend instead of rendering defaults while there are no values yet: until the first answer or the first failure. */
  suspend?: boolean | undefined;
  children?: ReactNode;
}

/** Also an `OpenFeatureProvider`: the hooks of `@openfeature/react-sdk` work below it. */
export function TidegateProvider({ suspend = false, children, ...settings }: TidegateProviderProps): ReactNode {
  const domain = domainOf(settings);
  const connection = connectionOf(settings);
  const { token, context } = settings;
  // The rest of the settings is in these two; token and context change without another session.
  const session = useMemo(() => sessionFor(settings), [domain, connection]);
  useEffect(() => session?.retain(), [session]);
  useEffect(() => session?.presentToken(token), [session, token]);
  useEffect(() => session?.changeContext(context ?? {}), [session, context]);
  const wait = useMemo(() => (suspend ? () => session?.waitFor : undefined), [session, suspend]);
  return (
    <OpenFeatureProvider domain={domain}>
      <Loading.Provider value={wait}>{children}</Loading.Provider>
    </OpenFeatureProvider>
  );
}
