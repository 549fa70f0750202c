import { expect, test } from 'vitest';
import { gathered } from './gathered.ts';

test('what comes while a call is under way goes together in the next, in order', async () => {
  const calls: (readonly number[])[] = [];
  const ask = gathered<number>(async (items) => {
    calls.push(items);
    await new Promise((resolve) => setImmediate(resolve));
  });
  await Promise.all([1, 2, 3, 4].map(ask));
  await ask(5);
  expect(calls).toEqual([[1], [2, 3, 4], [5]]);
});

test('each is answered by the call that it went with: a failure is that of its own call alone', async () => {
  const ask = gathered<number>(async (items) => {
    await new Promise((resolve) => setImmediate(resolve));
    if (items.includes(2)) throw new Error('no');
  });
  const asked = [1, 2, 3].map(ask);
  const outcomes = await Promise.allSettled(asked);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  await ask(4);
});
