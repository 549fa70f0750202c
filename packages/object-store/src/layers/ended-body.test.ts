import { Readable } from 'node:stream';
import { manualClock, systemIds, type ManualClock } from '@voicemail/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../port.ts';
import { StoreError } from '../store-error.ts';
import { memoryFolder, temporaryStore, type TemporaryStore } from '../testing.ts';
import { around } from './around.ts';
import { failingFast } from './failing-fast.ts';
import { withIdentity } from './identity.ts';
import { withTimeout } from './timeout.ts';

const TEXT = { contentType: 'text/plain' };
const TIMEOUT_MS = 1_000;
const PIECE_BYTES = 100_000;
let clock: ManualClock;
let made: TemporaryStore;
beforeEach(async () => {
  clock = manualClock(0);
  made = await temporaryStore({ clock }, memoryFolder());
});
afterEach(() => made.dispose());

/** Refuses everything. */
const closed = (store: ObjectStore): ObjectStore =>
  around(store, {
    call: async (operation, key) => {
      throw new StoreError('unavailable', operation, key, 'closed');
    },
    items: (_operation, _prefix, run) => run(),
  });

/** A layer that lets everything through. */
const through = (store: ObjectStore): ObjectStore =>
  around(store, { call: (_operation, _key, run) => run(), items: (_operation, _prefix, run) => run() });

/** The store of another deployment. */
const anothers = (store: ObjectStore): ObjectStore =>
  withIdentity(store, {
    region: 'westus2',
    seen: { read: async () => 'another', write: async () => undefined },
    clock,
    ids: systemIds(),
  });

/** A body that counts how often it is ended. */
function counting(): AsyncIterableIterator<Uint8Array> & { readonly ends: () => number } {
  let ends = 0;
  return {
    ends: () => ends,
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => ({ done: false, value: Buffer.from('x') }),
    return: async () => {
      ends += 1;
      return { done: true, value: undefined };
    },
  };
}

describe('a put that a layer refuses', () => {
  it.each(Object.entries({ closed, anothers }))('ends its body, once (%s)', async (_name, refusing) => {
    const body = counting();
    const store = through(refusing(made.store));
    await expect(store.put('k', body, TEXT)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(body.ends()).toBe(1);
    const stream = Readable.from([Buffer.from('x')]);
    await expect(store.put('k', stream, TEXT)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(stream.destroyed).toBe(true);
  });

  it('keeps the body that the store itself refused ended once', async () => {
    await made.store.put('k', Buffer.from('x'), TEXT);
    const body = counting();
    const put = through(made.store).put('k', body, { ...TEXT, condition: { absent: true } });
    await expect(put).rejects.toMatchObject({ kind: 'condition-failed' });
    expect(body.ends()).toBe(1);
  });
});

describe('a put that nobody waits for any more', () => {
  it('never stores what it had read of its body until then', async () => {
    const { promise: goesOn, resolve: goOn } = Promise.withResolvers<void>();
    const { promise: hasRead, resolve: read } = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<unknown>();
    const hanging: ObjectStore = {
      ...made.store,
      put: (key, body, options) => {
        const slow = async function* (): AsyncGenerator<Uint8Array> {
          if (body instanceof Uint8Array) return;
          for await (const chunk of body) {
            yield chunk;
            read();
            await goesOn;
          }
        };
        const put = made.store.put(key, slow(), options);
        put.then(ended.resolve, ended.resolve);
        return put;
      },
    };
    const store = through(
      failingFast(withTimeout(hanging, TIMEOUT_MS, clock), {
        probe: () => new Promise(() => undefined),
        suspectAfterMs: 10 * TIMEOUT_MS,
        lookAgainAfterMs: TIMEOUT_MS,
        clock,
      }),
    );
    const body = async function* (): AsyncGenerator<Uint8Array> {
      for (;;) yield Buffer.alloc(PIECE_BYTES);
    };
    const put = store.put('k', body(), TEXT).catch((error: StoreError) => error.kind);
    await hasRead;
    await clock.advance(TIMEOUT_MS);
    expect(await put).toBe('timeout');
    goOn();
    expect(await ended.promise).toMatchObject({ message: 'the put was given up' });
    expect(await made.store.head('k')).toBeNull();
  });
});
