import { manualClock, type ManualClock } from '@voicemail/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { objectStoreContract } from '../contract-suite.ts';
import type { ObjectReader, ObjectStore } from '../port.ts';
import { StoreError } from '../store-error.ts';
import { memoryFolder, temporaryStore, type TemporaryStore } from '../testing.ts';
import { failingFast } from './failing-fast.ts';
import { withFaults } from './faults.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { withTimeout } from './timeout.ts';

const TEXT = { contentType: 'text/plain' };
const SUSPECT_AFTER_MS = 2_000;
const PROBE_TIMEOUT_MS = 1_000;
const LOOK_AGAIN_AFTER_MS = 500;
const LIMITS = { suspectAfterMs: SUSPECT_AFTER_MS, lookAgainAfterMs: LOOK_AGAIN_AFTER_MS };

/** As a deployment puts it round a store. */
const layered = (store: ObjectStore, clock: ManualClock): ObjectStore =>
  failingFast(withTimeout(store, 30_000, clock), {
    probe: () => withTimeout(store, PROBE_TIMEOUT_MS, clock).head('probe'),
    ...LIMITS,
    clock,
  });

objectStoreContract('file system that fails fast', async () => {
  const made = await temporaryStore({}, memoryFolder());
  const clock = manualClock(0);
  return { ...made, store: layered(made.store, clock), reopen: async () => layered(await made.reopen(), clock) };
});

describe('a store that hangs', () => {
  let made: TemporaryStore;
  let clock: ManualClock;
  /** Which calls hang, by their keys. */
  let hangs: (key: string | null) => boolean;
  let asked: number;
  let store: ObjectStore;

  beforeEach(async () => {
    clock = manualClock(0);
    made = await temporaryStore({}, memoryFolder());
    await made.store.put('a/b', Buffer.from('x'), TEXT);
    hangs = () => true;
    asked = 0;
    const hanging = withFaults(made.store, ({ moment, key }) => {
      if (moment === 'after') return undefined;
      asked += 1;
      return hangs(key) ? new Promise(() => undefined) : undefined;
    });
    store = layered(hanging, clock);
  });
  afterEach(() => made.dispose());

  const kindOf = (call: Promise<unknown>): Promise<unknown> =>
    call.then(
      () => 'answered',
      (error: unknown) => (error as { kind: unknown }).kind,
    );

  it('lets go of all who wait as soon as it does not answer a probe either, long before their time is over', async () => {
    const calls = [store.head('a/b'), store.put('k', Buffer.from('x'), TEXT), Array.fromAsync(store.list('a/'))];
    const ends = Promise.all(calls.map(kindOf));
    await clock.advance(SUSPECT_AFTER_MS + PROBE_TIMEOUT_MS);
    expect(await ends).toEqual(['unavailable', 'unavailable', 'unavailable']);
  });

  it('then refuses at once, and is asked once in a while', async () => {
    const first = kindOf(store.head('a/b'));
    await clock.advance(SUSPECT_AFTER_MS + PROBE_TIMEOUT_MS);
    await first;
    const before = asked;
    for (let call = 0; call < 50; call += 1) expect(await kindOf(store.head('a/b'))).toBe('unavailable');
    expect(asked).toBe(before);
    await clock.advance(LOOK_AGAIN_AFTER_MS);
    const one = kindOf(store.head('a/b'));
    expect(await kindOf(store.head('a/b'))).toBe('unavailable');
    expect(asked).toBe(before + 1);
    await clock.advance(PROBE_TIMEOUT_MS);
    expect(await one).toBe('unavailable');
  });

  it('serves again with the first look at which it answers', async () => {
    const first = kindOf(store.head('a/b'));
    await clock.advance(SUSPECT_AFTER_MS + PROBE_TIMEOUT_MS);
    await first;
    hangs = () => false;
    expect(await kindOf(store.head('a/b'))).toBe('unavailable');
    await clock.advance(LOOK_AGAIN_AFTER_MS);
    expect(await store.head('a/b')).toMatchObject({ size: 1 });
  });

  it('in one call, and answers a probe, is busy with a long one, which goes on', async () => {
    const gate = Promise.withResolvers<undefined>();
    const slow = withFaults(made.store, ({ moment }) => (moment === 'before' ? gate.promise : undefined));
    let probes = 0;
    const probe = async (): Promise<void> => void (probes += 1);
    const put = kindOf(failingFast(slow, { probe, ...LIMITS, clock }).put('long', Buffer.from('x'), TEXT));
    await clock.advance(10 * SUSPECT_AFTER_MS);
    expect(probes).toBe(10);
    gate.resolve(undefined);
    expect(await put).toBe('answered');
  });

  it.each(['full', 'permission-denied', 'busy', 'unknown'] as const)(
    'answers when it says %s to a probe',
    async (kind) => {
      const gate = Promise.withResolvers<undefined>();
      const slow = withFaults(made.store, ({ moment, key }) =>
        moment === 'before' && key === 'long' ? gate.promise : undefined,
      );
      const quick = failingFast(slow, {
        ...LIMITS,
        probe: async () => {
          throw new StoreError(kind, 'head', 'probe', 'injected');
        },
        clock,
      });
      const long = kindOf(quick.head('long'));
      await clock.advance(2 * SUSPECT_AFTER_MS);
      expect(await quick.delete('a/b')).toBe(true);
      gate.resolve(undefined);
      expect(await long).toBe('answered');
    },
  );

  it('closes a reader that comes after it was given up', async () => {
    const late = Promise.withResolvers<ObjectReader>();
    const closed = Promise.withResolvers<string>();
    const silent: ObjectStore = { ...made.store, get: () => late.promise };
    const probe = async (): Promise<never> => {
      throw new StoreError('timeout', 'head', 'probe', 'injected');
    };
    const get = kindOf(failingFast(silent, { ...LIMITS, probe, clock }).get('a/b'));
    await clock.advance(SUSPECT_AFTER_MS);
    expect(await get).toBe('unavailable');
    const { info } = (await made.store.get('a/b'))!;
    const body: AsyncIterableIterator<Uint8Array> = {
      [Symbol.asyncIterator]: () => body,
      next: async () => ({ done: true, value: undefined }),
      return: async () => {
        closed.resolve('closed');
        return { done: true, value: undefined };
      },
    };
    late.resolve({ info, body });
    expect(await closed.promise).toBe('closed');
  });

  it('is not looked at again before the last look has come back, where one is made at a time', async () => {
    let looks = 0;
    const hanging = withFaults(made.store, () => {
      looks += 1;
      return new Promise(() => undefined);
    });
    const looked = withTimeout(oneAtATime(hanging), PROBE_TIMEOUT_MS, clock);
    const silent = failingFast(hanging, { ...LIMITS, probe: () => looked.head('probe'), clock });
    const first = kindOf(silent.head('a/b'));
    await clock.advance(SUSPECT_AFTER_MS + PROBE_TIMEOUT_MS);
    expect(await first).toBe('unavailable');
    expect(looks).toBe(2);
    for (let call = 0; call < 5; call += 1) {
      await clock.advance(LOOK_AGAIN_AFTER_MS);
      expect(await kindOf(silent.head('a/b'))).toBe('unavailable');
    }
    expect(looks).toBe(2);
  });
});
