/** The page: its settings are read when it starts, so that one build serves every environment. */

import { TidegateProvider } from '@tidegate/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Backend } from './backend';
import { QueryInterface } from './QueryInterface';
import './page.css';

interface Config {
  tidegate: string;
  token: string;
  channel: string;
  backend: string;
}

/** Somebody without an account keeps an arm of a rollout by a name that this browser made up. */
function visitor(): string {
  const known = localStorage.getItem('visitor');
  const name = known ?? Math.random().toString(36).slice(2);
  localStorage.setItem('visitor', name);
  return name;
}

const root = document.getElementById('root');
if (root === null) {
  throw new Error('index.html has no element with the id "root"');
}
const config = (await (await fetch('config.json', { cache: 'no-store' })).json()) as Config;
const context = { targetingKey: visitor() };

createRoot(root).render(
  <StrictMode>
    <TidegateProvider baseUrl={config.tidegate} token={config.token} channel={config.channel} context={context}>
      <Backend.Provider value={config.backend}>
        <QueryInterface />
      </Backend.Provider>
    </TidegateProvider>
  </StrictMode>,
);
