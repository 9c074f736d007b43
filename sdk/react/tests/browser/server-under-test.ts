/**
 * The server that the browser asks: the one in `tests/`, or the one at TIDEGATE_URL. A real one has the flags of `flags.json`
 * (flagd's format), TIDEGATE_TOKEN may evaluate them, and `$TIDEGATE_FLIP new_query_ui on|off` switches the flag.
 */

import { execFileSync } from 'node:child_process';
import { fixed, OfrepModel } from '../ofrep-model.js';
import { serve } from '../ofrep-server.js';
import { Cable } from './cable.js';

export interface ServerUnderTest {
  cable: Cable;
  token: string;
  flip(to: 'on' | 'off'): void;
  end(): Promise<void>;
}

export async function start(): Promise<ServerUnderTest> {
  const { TIDEGATE_URL: url, TIDEGATE_TOKEN: token, TIDEGATE_FLIP: flip } = process.env;
  if (url === undefined) {
    return startOurs();
  }
  if (token === undefined || flip === undefined) {
    throw new Error('TIDEGATE_URL needs TIDEGATE_TOKEN, and in TIDEGATE_FLIP a command that takes a flag and on or off');
  }
  const { hostname, port } = new URL(url);
  const cable = new Cable(hostname, Number(port));
  await cable.plug();
  return {
    cable,
    token,
    flip: (to) => void execFileSync('sh', ['-c', `${flip} new_query_ui ${to}`], { stdio: 'inherit' }),
    end: () => cable.pull(),
  };
}

async function startOurs(): Promise<ServerUnderTest> {
  const model = new OfrepModel({
    new_query_ui: fixed(false, 'off'),
    greeting: ({ plan }) => ({ value: plan === 'pro' ? 'welcome back' : 'hello', variant: 'v', reason: 'TARGETING_MATCH' }),
    page_size: fixed(20, 'twenty'),
  });
  const { port, server } = await serve(model);
  const cable = new Cable('127.0.0.1', port);
  await cable.plug();
  return {
    cable,
    token: 'evaluate-me',
    flip: (to) => model.set('new_query_ui', fixed(to === 'on', to)),
    end: async () => {
      await cable.pull();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
