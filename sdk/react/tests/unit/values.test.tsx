import { act, render } from '@testing-library/react';
import { type ReactNode, version } from 'react';
import { OpenFeature } from '@openfeature/web-sdk';
import { afterEach, expect, test, vi } from 'vitest';
import { useFeatureFlag, useFlagDetails } from '../../src/index.js';
import { fixed } from '../ofrep-model.js';
import { model, network, onStage, Page, pass, Query, show, showStrictly, Text, Why } from './stage.js';

onStage();

afterEach(() => OpenFeature.clearHooks());

/** How often OpenFeature was asked for a flag. Its hooks feed telemetry, so a needless evaluation is a wrong count there. */
function countEvaluations(): (key: string) => number {
  const evaluated: string[] = [];
  OpenFeature.addHooks({ before: ({ flagKey }) => void evaluated.push(flagKey) });
  return (key) => evaluated.filter((flag) => flag === key).length;
}

test('these tests run on the React that they name', () => {
  expect(version.split('.')[0]).toBe(process.env.REACT_MAJOR);
});

test('a flag has its default first and then what the server says', async () => {
  const { container } = show(<Query />);
  expect(container.textContent).toBe('legacy');
  await pass(1);
  expect(container.textContent).toBe('new');
});

test('all four types arrive', async () => {
  function All(): ReactNode {
    const layout = useFeatureFlag('layout', { columns: 1 });
    return <p>{[useFeatureFlag('new_query_ui'), useFeatureFlag('greeting', ''), useFeatureFlag('page_size', 10), layout.columns].join()}</p>;
  }
  const { container } = show(<All />);
  expect(container.textContent).toBe('false,,10,1');
  await pass(1);
  expect(container.textContent).toBe('true,hello,20,3');
});

test('details say variant, reason and metadata', async () => {
  let details: unknown;
  function Details(): ReactNode {
    details = useFlagDetails('new_query_ui');
    return null;
  }
  show(<Details />);
  await pass(1);
  expect(details).toMatchObject({ value: true, variant: 'on', reason: 'STATIC', flagMetadata: { flagSetId: 'tests' } });
});

test('a value of another type gives the default and says why', async () => {
  const { container } = show(<Why flag="page_size" />);
  await pass(1);
  expect(container.textContent).toBe('false ERROR TYPE_MISMATCH');
});

test('an object where the code wants a list is another type', async () => {
  function List(): ReactNode {
    return <p>{useFeatureFlag('layout', ['left', 'right']).join()}</p>;
  }
  const { container } = show(<List />);
  await pass(1);
  expect(container.textContent).toBe('left,right');
});

test('a flag that is not there gives the default and says so', async () => {
  const { container } = show(<Why flag="no_such_flag" />);
  await pass(1);
  expect(container.textContent).toBe('false ERROR FLAG_NOT_FOUND');
});

test('a flag that is off for everybody leaves the default to the code', async () => {
  const { container } = show(<Why flag="off_in_code" />);
  await pass(1);
  expect(container.textContent).toBe('false DISABLED');
});

test('a flip is seen by push, and only by the components that use the flag', async () => {
  const evaluated = countEvaluations();
  let renders = 0;
  function Size(): ReactNode {
    renders += 1;
    return useFeatureFlag('page_size', 10);
  }
  const { container } = show(<><Query /><Size /></>);
  await pass(200);
  const before = [renders, evaluated('page_size')];
  await act(async () => model.set('new_query_ui', fixed(false, 'off')));
  await pass(60);
  expect(container.textContent).toBe('legacy20');
  expect([renders, evaluated('page_size')]).toEqual(before);
});

test('a default that is written anew in each render is not evaluated in each', async () => {
  const evaluated = countEvaluations();
  function Layout(): ReactNode {
    return useFeatureFlag('layout', { columns: 1 }).columns;
  }
  const { rerender } = show(<Layout />);
  await pass(200);
  const before = evaluated('layout');
  rerender(<Page><Layout /></Page>);
  rerender(<Page><Layout /></Page>);
  expect(evaluated('layout')).toBe(before);
});

test('two components and two providers of one connection share a request and a stream', async () => {
  render(<><Page><Query /><Query /></Page><Page><Query /></Page></>);
  await pass(1);
  expect(model.asked.length).toBe(1);
  await pass(200);
  expect(network.opened).toBe(1);
  expect(model.asked.map(({ status }) => status)).toEqual([200, 304]); // The second is what the stream's first event asks for.
});

test('StrictMode asks once and holds one stream', async () => {
  const { container } = showStrictly(<Query />);
  await pass(1);
  expect(model.asked.length).toBe(1);
  await pass(200);
  expect([container.textContent, network.opened, network.held]).toEqual(['new', 1, 1]);
});

test('unmounting closes the stream', async () => {
  const { unmount } = show(<Query />);
  await pass(200);
  expect([network.held, model.openStreams]).toEqual([1, 1]);
  unmount();
  await pass(1);
  expect([network.held, model.openStreams]).toEqual([0, 0]);
});

test('an answer that arrives after unmounting opens no stream', async () => {
  network.latencyMs = 50;
  const { unmount } = show(<Query />);
  await pass(49);
  unmount();
  await pass(1_000);
  expect([network.opened, network.held]).toEqual([0, 0]);
});

test('an answer whose body is still on its way when the page unmounts opens no stream', async () => {
  network.bodyMs = 50;
  const { unmount } = show(<Query />);
  await pass(10);
  unmount();
  await pass(1_000);
  expect([network.opened, network.held]).toEqual([0, 0]);
});

test('mounted again, it follows again', async () => {
  const { unmount } = show(<Query />);
  await pass(200);
  unmount();
  await pass(10);
  const { container } = show(<Query />);
  await pass(200);
  await act(async () => model.set('new_query_ui', fixed(false, 'off')));
  await pass(60);
  expect([container.textContent, network.held]).toEqual(['legacy', 1]);
});

test('a new key has its own value in its first render', async () => {
  const { container, rerender } = show(<Text flag="greeting" />);
  await pass(1);
  const rendered: string[] = [];
  function Remembering(): ReactNode {
    rendered.push(useFeatureFlag('owner', 'default'));
    return null;
  }
  rerender(<Page><Text flag="owner" /><Remembering /></Page>);
  expect(container.textContent).toBe('nobody');
  expect(new Set(rendered)).toEqual(new Set(['nobody']));
});

test('the channel is asked for by the selector', async () => {
  show(<Query />, { channel: 'production' });
  await pass(1);
  expect(model.asked[0]?.selector).toBe('flagSetId=production');
});

test('outside of a provider the hook says what is missing', () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  expect(() => render(<Query />)).toThrow(/OpenFeature/);
});
