/** The page under test: two components with one flag, a greeting for the context, and a flag of the wrong type. */

import { TidegateProvider, useFeatureFlag, useFlagDetails } from '@tidegate/react';
import { type ReactNode, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';

interface Stage {
  baseUrl: string;
  token: string;
  context: Record<string, string>;
  mounted: boolean;
}

declare global {
  interface Window {
    /** What the first component rendered, and when. */
    seen: { ui: string; at: number }[];
    change: (part: Partial<Stage>) => void;
  }
}

window.seen = [];

function Ui({ id }: { id: string }): ReactNode {
  const ui = useFeatureFlag('new_query_ui') ? 'new' : 'legacy';
  if (window.seen.at(-1)?.ui !== ui) {
    window.seen.push({ ui, at: Date.now() });
  }
  return <p id={id}>{ui}</p>;
}

function Greeting(): ReactNode {
  return <p id="greeting">{useFeatureFlag('greeting', 'default')}</p>;
}

function Reasons(): ReactNode {
  const ui = useFlagDetails('new_query_ui');
  const size = useFlagDetails('page_size');
  return <p id="reasons">{[ui.reason, ui.errorCode ?? '-', size.value, size.reason, size.errorCode].join(' ')}</p>;
}

function App(): ReactNode {
  const given = new URLSearchParams(location.search);
  const [stage, setStage] = useState<Stage>({
    baseUrl: given.get('baseUrl') ?? '',
    token: given.get('token') ?? '',
    context: {},
    mounted: true,
  });
  window.change = (part) => setStage((before) => ({ ...before, ...part }));
  const { mounted, ...settings } = stage;
  return mounted ? (
    <TidegateProvider {...settings}>
      <Ui id="first" />
      <Ui id="second" />
      <Greeting />
      <Reasons />
    </TidegateProvider>
  ) : (
    <p id="gone">gone</p>
  );
}

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
