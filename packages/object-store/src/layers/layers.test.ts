import { manualClock, systemIds, type ManualClock } from '@voicemail/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { objectStoreContract } from '../contract-suite.ts';
import type { ObjectStore } from '../port.ts';
import { StoreError } from '../store-error.ts';
import { memoryFolder, temporaryStore, type TemporaryStore } from '../testing.ts';
import { failCall, withFaults, type StoreStep } from './faults.ts';
import { observed } from './observed.ts';
import { withRetry } from './retry.ts';
import { withTimeout } from './timeout.ts';

const TEXT = { contentType: 'text/plain' };
const LARGE_BYTES = 300_000;

objectStoreContract('file system under every layer', async () => {
  const made = await temporaryStore({}, memoryFolder());
  const clock = manualClock(0);
  const layered = (store: ObjectStore): ObjectStore =>
    withFaults(
      observed(
        withRetry(
          withTimeout(store, 1_000, clock),
          { maxAttempts: 3, baseMs: 1, maxMs: 1 },
          { clock, ids: systemIds() },
        ),
        () => undefined,
        clock,
      ),
      () => undefined,
    );
  return { ...made, store: layered(made.store), reopen: async () => layered(await made.reopen()) };
});

let made: TemporaryStore;
let clock: ManualClock;

beforeEach(async () => {
  clock = manualClock(0);
  made = await temporaryStore({}, memoryFolder());
});

afterEach(() => made.dispose());

describe('a store with faults', () => {
  const lost = new StoreError('unavailable', 'put', 'k', 'the network went away');

  it('fails the call that was named: before it has an effect, or after', async () => {
    const before = withFaults(made.store, failCall({ moment: 'before', operation: 'put', nth: 2 }, lost));
    await before.put('one', Buffer.from('x'), TEXT);
    await expect(before.put('two', Buffer.from('x'), TEXT)).rejects.toBe(lost);
    await before.put('three', Buffer.from('x'), TEXT);
    expect(await made.store.head('two')).toBeNull();
    const after = withFaults(made.store, failCall({ moment: 'after', operation: 'put', nth: 1 }, lost));
    await expect(after.put('four', Buffer.from('x'), TEXT)).rejects.toBe(lost);
    expect((await made.store.head('four'))?.size).toBe(1);
  });

  it('tells its plan every step of every operation, in order', async () => {
    const steps: StoreStep[] = [];
    const store = withFaults(made.store, (step) => void steps.push(step));
    await store.put('a/b', Buffer.from('x'), TEXT);
    await store.head('a/b');
    await Array.fromAsync(store.list('a/'));
    await store.check();
    expect(
      steps.map(({ step, moment, operation, key, nth }) => `${step} ${moment} ${operation} ${key} ${nth}`),
    ).toEqual([
      '1 before put a/b 1',
      '2 after put a/b 1',
      '3 before head a/b 1',
      '4 after head a/b 1',
      '5 before list a/ 1',
      '6 after list a/ 1',
      '7 before check null 1',
      '8 after check null 1',
    ]);
  });

  it('waits as long as its plan', async () => {
    const store = withFaults(made.store, ({ moment }) => (moment === 'before' ? clock.sleep(50) : undefined));
    const put = store.put('k', Buffer.from('x'), TEXT);
    await clock.advance(49);
    expect(await made.store.head('k')).toBeNull();
    await clock.advance(1);
    await put;
    expect((await made.store.head('k'))?.size).toBe(1);
  });
});

describe('an observed store', () => {
  it('reports each call once, with its time and what it failed with', async () => {
    const calls: string[] = [];
    const store = observed(
      withFaults(made.store, ({ moment }) => (moment === 'before' ? clock.advance(7) : undefined)),
      (operation, ms, error) => calls.push(`${operation} ${ms} ${error?.kind ?? 'done'}`),
      clock,
    );
    await store.put('a/b', Buffer.from('x'), TEXT);
    await expect(store.put('a/b', Buffer.from('x'), { ...TEXT, condition: { absent: true } })).rejects.toThrow(
      'already',
    );
    await Array.fromAsync(store.list('a/'));
    await expect(Array.fromAsync(store.list('..'))).rejects.toThrow('prefix');
    expect(calls).toEqual(['put 7 done', 'put 7 condition-failed', 'list 7 done', 'list 7 invalid-key']);
  });

  it('reports a listing that was left in the middle', async () => {
    const calls: string[] = [];
    const store = observed(made.store, (operation, _, error) => calls.push(`${operation} ${error}`), clock);
    await made.store.put('a/b', Buffer.from('x'), TEXT);
    await made.store.put('a/c', Buffer.from('x'), TEXT);
    for await (const { key } of store.list('a/')) {
      expect(key).toBe('a/b');
      break;
    }
    expect(calls).toEqual(['list null']);
  });
});

describe('a store with a timeout', () => {
  /** A store that never answers. */
  const silent = (): ObjectStore => withFaults(made.store, () => new Promise(() => undefined));

  const calls: Readonly<Record<string, (store: ObjectStore) => Promise<unknown>>> = {
    put: (store) => store.put('k', Buffer.from('x'), TEXT),
    get: (store) => store.get('k'),
    head: (store) => store.head('k'),
    delete: (store) => store.delete('k'),
    copy: (store) => store.copy('k', 'l'),
    list: (store) => Array.fromAsync(store.list('')),
    folders: (store) => Array.fromAsync(store.folders('')),
    tag: (store) => store.tag('k', {}, { order: 'touch-first' }),
    find: (store) => Array.fromAsync(store.find('', { name: 'a', value: 'b' })),
    purge: (store) => store.purge('k'),
    settings: (store) => store.settings(),
    check: (store) => store.check(),
  };

  it.each(Object.keys(calls))('lets no %s wait longer, and says so', async (name) => {
    const end = calls[name]?.(withTimeout(silent(), 1_000, clock)).catch((error: unknown) => error);
    await clock.advance(1_000);
    expect(await end).toMatchObject({ kind: 'timeout', operation: name, retryable: true });
  });

  it('lets an answer in time through, and leaves no timer behind', async () => {
    const store = withTimeout(made.store, 1_000, clock);
    await store.put('k', Buffer.alloc(LARGE_BYTES), TEXT);
    await clock.advance(10_000);
    expect((await store.head('k'))?.size).toBe(LARGE_BYTES);
  });

  it('gives a body that is put as long as it takes to arrive', async () => {
    const slow = async function* (): AsyncGenerator<Uint8Array> {
      for (let part = 0; part < 5; part++) {
        await clock.advance(5_000);
        yield Buffer.alloc(LARGE_BYTES, part);
      }
    };
    expect((await withTimeout(made.store, 1_000, clock).put('k', slow(), TEXT)).size).toBe(5 * LARGE_BYTES);
  });

  it('lets no store that stopped reading keep a body waiting', async () => {
    const reads = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(LARGE_BYTES);
    };
    const { promise: hasRead, resolve: read } = Promise.withResolvers<void>();
    const deaf: ObjectStore = {
      ...made.store,
      put: async (_key, body) => {
        if (!(body instanceof Uint8Array)) await body[Symbol.asyncIterator]().next();
        read();
        return new Promise(() => undefined);
      },
    };
    const end = withTimeout(deaf, 1_000, clock)
      .put('k', reads(), TEXT)
      .catch((error: unknown) => error);
    await hasRead;
    await clock.advance(1_000);
    expect(await end).toMatchObject({ kind: 'timeout', operation: 'put', key: 'k' });
  });

  it('bounds each step of a body, not the whole of it', async () => {
    await made.store.put('k', Buffer.alloc(LARGE_BYTES), TEXT);
    const reader = await withTimeout(made.store, 1_000, clock).get('k');
    let size = 0;
    for await (const chunk of reader?.body ?? []) {
      size += chunk.length;
      await clock.advance(900);
    }
    expect(size).toBe(LARGE_BYTES);
  });
});
