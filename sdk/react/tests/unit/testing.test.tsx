import { act, cleanup, render } from '@testing-library/react';
import { OpenFeature } from '@openfeature/web-sdk';
import { type ReactNode, StrictMode } from 'react';
import { afterEach, expect, test } from 'vitest';
import { useFeatureFlag } from '../../src/index.js';
import { TestFlagProvider, TestFlags } from '../../src/testing.js';
import { Query, Text, Why } from './stage.js';

afterEach(cleanup);

test('a test gives values, and they are there in the first render', () => {
  const seen: boolean[] = [];
  const { container } = render(<TestFlagProvider flags={{ new_query_ui: true }}><Query seen={seen} /></TestFlagProvider>);
  expect(container.textContent).toBe('new');
  expect(new Set(seen)).toEqual(new Set([true]));
});

test('without a value there is the default', () => {
  const { container } = render(<TestFlagProvider><Query /></TestFlagProvider>);
  expect(container.textContent).toBe('legacy');
});

test('a test flips a flag under way', () => {
  const flags = new TestFlags({ new_query_ui: false });
  const { container } = render(<StrictMode><TestFlagProvider flags={flags}><Query /></TestFlagProvider></StrictMode>);
  expect(container.textContent).toBe('legacy');
  act(() => flags.set('new_query_ui', true));
  expect(container.textContent).toBe('new');
  act(() => flags.unset('new_query_ui'));
  expect(container.textContent).toBe('legacy');
});

test('other values by rendering again', () => {
  const page = (ui: boolean): ReactNode => <TestFlagProvider flags={{ new_query_ui: ui }}><Query /></TestFlagProvider>;
  const { container, rerender } = render(page(false));
  rerender(page(true));
  expect(container.textContent).toBe('new');
});

test('a value of another type is a mismatch, as with the server', () => {
  const { container } = render(<TestFlagProvider flags={{ new_query_ui: 'yes' }}><Why flag="new_query_ui" /></TestFlagProvider>);
  expect(container.textContent).toBe('false ERROR TYPE_MISMATCH');
});

test('two providers do not see each other', () => {
  const { container } = render(
    <>
      <TestFlagProvider flags={{ greeting: 'hello' }}><Text flag="greeting" /></TestFlagProvider>
      <TestFlagProvider flags={{ greeting: 'good day' }}><Text flag="greeting" /></TestFlagProvider>
    </>,
  );
  expect(container.textContent).toBe('hellogood day');
});

test('objects keep their identity until they say something else', () => {
  const flags = new TestFlags({ layout: { columns: 3 } });
  const seen = new Set<unknown>();
  function Layout(): ReactNode {
    seen.add(useFeatureFlag('layout', { columns: 1 }));
    return null;
  }
  render(<TestFlagProvider flags={flags}><Layout /></TestFlagProvider>);
  act(() => flags.set('layout', { columns: 3 }));
  expect(seen.size).toBe(1);
  act(() => flags.set('layout', { columns: 4 }));
  expect(seen.size).toBe(2);
});

test('after the test nothing is left of its values', () => {
  const flags = new TestFlags({ new_query_ui: true });
  render(<TestFlagProvider flags={flags}><Query /></TestFlagProvider>).unmount();
  expect(OpenFeature.getClient(flags.domain).getBooleanValue('new_query_ui', false)).toBe(false);
});
