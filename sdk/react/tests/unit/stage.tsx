/** A page in a test: components below a `TidegateProvider`, a fake network, and a clock that the test moves. */

import { act, cleanup, render, type RenderResult } from '@testing-library/react';
import { type ReactNode, StrictMode } from 'react';
import { afterEach, beforeEach, vi } from 'vitest';
import { TidegateProvider, type TidegateProviderProps, useFeatureFlag, useFlagDetails } from '../../src/index.js';
import { fixed, OfrepModel } from '../ofrep-model.js';
import { BASE_URL, FakeNetwork } from './fake-network.js';

export let model: OfrepModel;
export let network: FakeNetwork;

export function onStage(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    localStorage.clear();
    model = new OfrepModel({
      new_query_ui: fixed(true, 'on'),
      greeting: ({ plan }) => ({ value: plan === 'pro' ? 'welcome back' : 'hello', variant: 'v', reason: 'TARGETING_MATCH' }),
      owner: ({ targetingKey }) => ({ value: targetingKey?.slice(0, 4) ?? 'nobody', variant: 'v', reason: 'TARGETING_MATCH' }),
      page_size: fixed(20),
      layout: fixed({ columns: 3 }, 'wide'),
      off_in_code: () => ({ reason: 'DISABLED' }),
    });
    network = new FakeNetwork(model);
  });

  afterEach(async () => {
    cleanup();
    await pass(100);
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });
}

/** Lets time go by, and React with it. */
export async function pass(ms: number): Promise<void> {
  await act(() => vi.advanceTimersByTimeAsync(ms));
}

export type PageProps = Omit<TidegateProviderProps, 'baseUrl'>;

export function Page({ children, ...props }: PageProps): ReactNode {
  return (
    <TidegateProvider baseUrl={BASE_URL} token="evaluate-me" {...props}>
      {children}
    </TidegateProvider>
  );
}

export function show(children: ReactNode, props: PageProps = {}): RenderResult {
  return render(<Page {...props}>{children}</Page>);
}

export function showStrictly(children: ReactNode): RenderResult {
  return render(
    <StrictMode>
      <Page>{children}</Page>
    </StrictMode>,
  );
}

/** Renders the value, and remembers every value that it ever rendered. */
export function Query({ seen = [] }: { seen?: boolean[] }): ReactNode {
  const newUI = useFeatureFlag('new_query_ui');
  seen.push(newUI);
  return <p>{newUI ? 'new' : 'legacy'}</p>;
}

export function Text({ flag, otherwise = 'default' }: { flag: string; otherwise?: string }): ReactNode {
  return <p>{useFeatureFlag(flag, otherwise)}</p>;
}

export function Why({ flag }: { flag: string }): ReactNode {
  const { value, reason, errorCode } = useFlagDetails(flag);
  return <p>{[value, reason, errorCode].filter((word) => word !== undefined).join(' ')}</p>;
}
