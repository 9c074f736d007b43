import { act, render } from '@testing-library/react';
import { Component, type ReactNode, StrictMode, Suspense } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
import { model, network, onStage, Page, pass, Query, show } from './stage.js';

onStage();

const waiting = <Suspense fallback={<p>waiting</p>}><Query /></Suspense>;

test('who wants to wait sees no default', async () => {
  const seen: boolean[] = [];
  network.latencyMs = 20;
  const { container } = show(<Suspense fallback={<p>waiting</p>}><Query seen={seen} /></Suspense>, { suspend: true });
  await pass(10);
  expect(container.textContent).toBe('waiting');
  await pass(20);
  expect(container.textContent).toBe('new');
  expect(new Set(seen)).toEqual(new Set([true]));
});

test('who waits while the context changes waits for the answer to the new one', async () => {
  const seen: boolean[] = [];
  const page = <Suspense fallback={<p>waiting</p>}><Query seen={seen} /></Suspense>;
  network.latencyMs = 30;
  const { container, rerender } = show(page, { suspend: true, context: { plan: 'free' } });
  await pass(20);
  rerender(<Page suspend context={{ plan: 'pro' }}>{page}</Page>);
  await pass(100);
  expect([container.textContent, ...new Set(seen)]).toEqual(['new', true]);
});

test('waiting works with the boundary above the provider too, and in StrictMode', async () => {
  network.latencyMs = 20;
  const page = <Suspense fallback={<p>waiting</p>}><Page suspend><Query /></Page></Suspense>;
  const { container } = render(<StrictMode>{page}</StrictMode>);
  await pass(10);
  expect(container.textContent).toBe('waiting');
  await pass(50);
  expect(container.textContent).toBe('new');
  await pass(60_000);
  expect([container.textContent, network.opened, network.held]).toEqual(['new', 1, 1]);
});

test('waiting ends with the first failure: a page does not need its flags to be there', async () => {
  network.down();
  const { container } = show(waiting, { suspend: true });
  await pass(10);
  expect(container.textContent).toBe('legacy');
});

test('waiting ends when the time of a request is over', async () => {
  network.latencyMs = 60_000;
  const { container } = show(waiting, { suspend: true, timeoutMs: 2_000 });
  await pass(1_900);
  expect(container.textContent).toBe('waiting');
  await pass(59_000);
  expect(container.textContent).toBe('legacy');
});

test('nobody waits who has last known values', async () => {
  const { unmount } = show(<Query />);
  await pass(200);
  unmount();
  await pass(10);
  const { container } = show(waiting, { suspend: true });
  expect(container.textContent).toBe('new');
});

test('a render that is thrown away leaves nothing open', async () => {
  class Boundary extends Component<{ children: ReactNode }> {
    override state = { failed: false };
    static getDerivedStateFromError = () => ({ failed: true });
    override render = (): ReactNode => (this.state.failed ? null : this.props.children);
  }
  function Broken(): ReactNode {
    throw new Error('an application that does not come up');
  }
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  render(<Boundary><Page><Broken /></Page></Boundary>);
  await pass(1_000);
  expect(network.held).toBe(1);
  await pass(30_000);
  expect(network.held).toBe(0);
});

test('a server renders defaults, asks nobody and remembers nobody', async () => {
  vi.stubGlobal('window', undefined);
  const html = renderToString(<Page context={{ targetingKey: 'anna' }}><Query /></Page>);
  vi.stubGlobal('window', globalThis);
  await pass(1_000);
  expect(html).toBe('<p>legacy</p>');
  expect(model.asked).toEqual([]);
});

test('hydration begins with what the server rendered, then has the last known values', async () => {
  const { unmount } = show(<Query />);
  await pass(200);
  unmount();
  await pass(10);
  const complaints = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const container = document.createElement('div');
  container.innerHTML = '<p>legacy</p>';
  const seen: boolean[] = [];
  let root: { unmount(): void } | undefined;
  await act(async () => {
    root = hydrateRoot(container, <Page><Query seen={seen} /></Page>);
  });
  expect([seen[0], container.textContent]).toEqual([false, 'new']);
  expect(complaints).not.toHaveBeenCalled();
  act(() => root?.unmount());
});
