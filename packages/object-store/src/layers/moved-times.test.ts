import { afterEach, beforeEach, expect, it } from 'vitest';
import { memoryFolder, temporaryStore, type TemporaryStore } from '../testing.ts';
import { withMovedTimes } from './moved-times.ts';

const DAY_MS = 86_400_000;
let made: TemporaryStore;
beforeEach(async () => {
  made = await temporaryStore({}, memoryFolder());
});
afterEach(() => made.dispose());

it('tells every time as a moved clock has it, and nothing else otherwise', async () => {
  await made.store.put('a/b', Buffer.from('x'), { contentType: 'text/plain', tags: { a: 'b' } });
  const real = await made.store.head('a/b');
  const store = withMovedTimes(made.store, 8 * DAY_MS);
  const moved = { ...real, lastModified: (real?.lastModified ?? Number.NaN) + 8 * DAY_MS };
  expect(await store.head('a/b')).toEqual(moved);
  const reader = await store.get('a/b');
  expect(reader?.info).toEqual(moved);
  expect(Buffer.concat(await Array.fromAsync(reader?.body ?? [])).toString()).toBe('x');
  expect(await Array.fromAsync(store.list('a/'))).toEqual([{ key: 'a/b', size: 1, lastModified: moved.lastModified }]);
  expect(await store.head('a/c')).toBeNull();
  expect(await store.get('a/c')).toBeNull();
});
