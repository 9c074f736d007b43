import { expect, test, vi } from 'vitest';
import { fixed } from '../ofrep-model.js';
import { model, network, onStage, Page, pass, show, Text } from './stage.js';

onStage();

test('a change of context is asked about once, and the old value stays until the answer', async () => {
  network.latencyMs = 30;
  const { container, rerender } = show(<Text flag="greeting" />, { context: { plan: 'free' } });
  await pass(200);
  const asked = model.asked.length;
  rerender(<Page context={{ plan: 'pro' }}><Text flag="greeting" /></Page>);
  await pass(10);
  expect(container.textContent).toBe('hello');
  await pass(30);
  expect(container.textContent).toBe('welcome back');
  expect(model.asked.length).toBe(asked + 1);
});

test('a context that is written anew in each render is not a change', async () => {
  const { rerender } = show(<Text flag="greeting" />, { context: { plan: 'free' } });
  await pass(200);
  const asked = model.asked.length;
  rerender(<Page context={{ plan: 'free' }}><Text flag="greeting" /></Page>);
  await pass(200);
  expect(model.asked.length).toBe(asked);
});

test('the answer to an older context does not overtake the newer one', async () => {
  network.latencyMs = 100;
  const { container, rerender } = show(<Text flag="owner" />, { context: { targetingKey: 'anna' } });
  await pass(50);
  network.latencyMs = 10;
  rerender(<Page context={{ targetingKey: 'bert' }}><Text flag="owner" /></Page>);
  await pass(20);
  expect(container.textContent).toBe('bert');
  await pass(200);
  rerender(<Page context={{ targetingKey: 'bert' }}><Text flag="owner" key="a component that comes later" /></Page>);
  expect(container.textContent).toBe('bert');
});

test('an answer about the user before is none about the one after', async () => {
  const { container, rerender } = show(<Text flag="owner" />, { context: { targetingKey: 'anna' } });
  await pass(200);
  network.latencyMs = 100;
  model.set('page_size', fixed(30)); // After 50 ms the page asks for anna, until 150.
  await pass(140);
  network.latencyMs = 20;
  vi.spyOn(console, 'error').mockImplementation(() => undefined); // OpenFeature says itself that the change failed.
  rerender(<Page context={{ targetingKey: 'bert' }}><Text flag="owner" /></Page>);
  await pass(15);
  network.down();
  await pass(100);
  expect(container.textContent).toBe('default');
});

test('another user does not keep the values of the one before when the server is away', async () => {
  const { container, rerender } = show(<Text flag="owner" />, { context: { targetingKey: 'anna' } });
  await pass(200);
  expect(container.textContent).toBe('anna');
  network.down();
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  rerender(<Page context={{ targetingKey: 'bert' }}><Text flag="owner" /></Page>);
  await pass(100);
  expect(container.textContent).toBe('default');
  network.up();
  await pass(40_000);
  expect(container.textContent).toBe('bert');
});

test('the same user keeps the values when the server is away', async () => {
  const { container, rerender } = show(<Text flag="greeting" />, { context: { targetingKey: 'anna', plan: 'free' } });
  await pass(200);
  network.down();
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  rerender(<Page context={{ targetingKey: 'anna', plan: 'pro' }}><Text flag="greeting" /></Page>);
  await pass(100);
  expect(container.textContent).toBe('hello');
  network.up();
  await pass(40_000);
  expect(container.textContent).toBe('welcome back');
});
