import { manualClock, systemIds, type ManualClock } from '@voicemail/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { objectStoreContract } from '../contract-suite.ts';
import type { SeenIdentity } from '../identity-object.ts';
import type { ObjectStore } from '../port.ts';
import { StoreError } from '../store-error.ts';
import { memoryFolder, temporaryStore, type TemporaryStore } from '../testing.ts';
import { withFaults, type FaultPlan } from './faults.ts';
import { withIdentity } from './identity.ts';

const TEXT = { contentType: 'text/plain' };
const IDENTITY = '.identity';

interface Memory extends SeenIdentity {
  id: string | null;
}

function memory(): Memory {
  const made: Memory = {
    id: null,
    read: async () => made.id,
    write: async (id) => {
      made.id = id;
    },
  };
  return made;
}

let clock: ManualClock;
let made: TemporaryStore;
let seen: Memory;

beforeEach(async () => {
  clock = manualClock(Date.UTC(2026, 10, 2));
  made = await temporaryStore({ clock }, memoryFolder());
  seen = memory();
});

afterEach(() => made.dispose());

interface Opened {
  readonly plan?: FaultPlan;
  readonly region?: string;
  readonly memory?: SeenIdentity;
}

const open = ({ plan = () => undefined, region = 'westus2', memory: own = seen }: Opened = {}): ObjectStore =>
  withIdentity(withFaults(made.store, plan), { region, seen: own, clock, ids: systemIds() });

async function replaceIdentity(text: string): Promise<void> {
  await made.store.put(IDENTITY, Buffer.from(text), TEXT);
}

objectStoreContract('file system under an identity', async () => {
  const store = await temporaryStore({}, memoryFolder());
  const own = memory();
  const layered = (inner: ObjectStore): ObjectStore =>
    withIdentity(inner, { region: 'westus2', seen: own, clock: manualClock(0), ids: systemIds() });
  return { ...store, store: layered(store.store), reopen: async () => layered(await store.reopen()) };
});

describe('a store with an identity', () => {
  it('gets it before anything else, once, however many open it', async () => {
    const memories = Array.from({ length: 8 }, memory);
    const stores = memories.map((own) => open({ memory: own }));
    await Promise.all(stores.map((store, index) => store.put(`t100/${index}`, Buffer.from('x'), TEXT)));
    expect(new Set(memories.map(({ id }) => id)).size).toBe(1);
    const reader = await made.store.get(IDENTITY);
    const text = Buffer.concat(await Array.fromAsync(reader?.body ?? [])).toString();
    expect(JSON.parse(text)).toEqual({ id: memories[0]?.id, region: 'westus2' });
  });

  it('does not show it, and lets nobody touch it', async () => {
    const store = open();
    await store.put('t100/object', Buffer.from('x'), TEXT);
    expect((await Array.fromAsync(store.list(''))).map(({ key }) => key)).toEqual(['t100/object']);
    expect(await Array.fromAsync(store.folders(''))).toEqual(['t100']);
    await expect(store.delete(IDENTITY)).rejects.toMatchObject({ kind: 'invalid-key' });
    await expect(store.put(IDENTITY, Buffer.from('x'), TEXT)).rejects.toMatchObject({ kind: 'invalid-key' });
    await expect(store.get(IDENTITY)).rejects.toMatchObject({ kind: 'invalid-key' });
  });

  it('is down once it lost it, also for a process that starts then; and up again when it is back', async () => {
    await open().put('t100/object', Buffer.from('x'), TEXT);
    const identity = await Array.fromAsync((await made.store.get(IDENTITY))?.body ?? []);
    await made.store.delete(IDENTITY);
    const down: Readonly<Record<string, (store: ObjectStore) => Promise<unknown>>> = {
      put: (store) => store.put('t100/new', Buffer.from('x'), TEXT),
      get: (store) => store.get('t100/object'),
      delete: (store) => store.delete('t100/object'),
      list: (store) => Array.fromAsync(store.list('')),
      folders: (store) => Array.fromAsync(store.folders('')),
      check: (store) => store.check(),
    };
    for (const call of Object.values(down)) {
      const why = 'the store is not the one it was: there is no .identity in it any more';
      await expect(call(open())).rejects.toThrow(why);
      await expect(call(open())).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
    }
    expect((await Array.fromAsync(made.store.list(''))).map(({ key }) => key)).toEqual(['t100/object']);
    await replaceIdentity(Buffer.concat(identity).toString());
    expect((await open().head('t100/object'))?.size).toBe(1);
  });

  it('is read through what is quicker to give up, where there is such', async () => {
    const slow = withFaults(made.store, ({ key }) => {
      if (key === IDENTITY) throw new Error('not through this one');
    });
    const own = memory();
    const store = withIdentity(slow, { region: 'westus2', seen: own, clock, ids: systemIds(), through: made.store });
    await store.check();
    expect(own.id).not.toBeNull();
  });

  it('is refused when it is another one, damaged, or of another region', async () => {
    await open().check();
    for (const text of ['{"id":"another","region":"westus2"}', '{"id":', '{}', '', 'null']) {
      await replaceIdentity(text);
      await expect(open().head('t100/object')).rejects.toMatchObject({ kind: 'unavailable' });
    }
    await replaceIdentity(JSON.stringify({ id: seen.id, region: 'westeurope' }));
    await expect(open().check()).rejects.toThrow('it is the store of region westeurope');
    await expect(open({ region: 'westeurope', memory: memory() }).check()).resolves.toBeUndefined();
  });

  it('is looked at once a second at most, by one of many calls, and by every check', async () => {
    let looks = 0;
    const store = open({
      plan: ({ moment, operation, key }) => {
        if (moment === 'before' && operation === 'get' && key === IDENTITY) looks += 1;
      },
    });
    await store.head('t100/object');
    // The first look finds none, and reads the one that it made.
    expect(looks).toBe(2);
    await clock.advance(999);
    await store.head('t100/object');
    expect(looks).toBe(2);
    await clock.advance(1);
    await Promise.all([store.head('a'), store.head('b'), Array.fromAsync(store.list('t100/'))]);
    expect(looks).toBe(3);
    await store.check();
    expect(looks).toBe(4);
  });

  it.each(['unavailable', 'timeout', 'unknown'] as const)('is looked at again after %s', async (kind) => {
    let isFailing = false;
    const store = open({
      plan: ({ operation, key }) => {
        if (isFailing) throw new StoreError(kind, operation, key, 'injected');
      },
    });
    await store.check();
    isFailing = true;
    await expect(store.head('t100/object')).rejects.toMatchObject({ kind });
    isFailing = false;
    await replaceIdentity('{"id":"another","region":"westus2"}');
    await expect(store.head('t100/object')).rejects.toThrow('it is another store');
  });

  it('is not trusted by a look that was begun before a call failed', async () => {
    const failing = Promise.withResolvers<void>();
    const slowLook = Promise.withResolvers<void>();
    let isSlow = false;
    const store = open({
      plan: async ({ moment, operation, key }) => {
        if (moment === 'before' && key === 't100/fails') {
          await failing.promise;
          throw new StoreError('unavailable', operation, key, 'injected');
        }
        if (isSlow && moment === 'after' && key === IDENTITY) await slowLook.promise;
      },
    });
    await store.check();
    const fails = store.head('t100/fails');
    await clock.advance(1_000);
    isSlow = true;
    const looks = store.head('t100/object');
    failing.resolve();
    await expect(fails).rejects.toMatchObject({ kind: 'unavailable' });
    slowLook.resolve();
    await looks;
    await replaceIdentity('{"id":"another","region":"westus2"}');
    await expect(store.head('t100/object')).rejects.toThrow('it is another store');
  });

  it('is not made in a store that another process has seen, whatever this one finds', async () => {
    await seen.write('an identity of before');
    await expect(open().check()).rejects.toThrow('there is no .identity in it any more');
    expect(await Array.fromAsync(made.store.list(''))).toEqual([]);
  });

  it('tells a StoreError where what was seen cannot be looked up or kept', async () => {
    const refuse = async (): Promise<never> => {
      throw new Error('the disk is full');
    };
    await expect(open({ memory: { read: refuse, write: refuse } }).check()).rejects.toMatchObject({
      name: 'StoreError',
      kind: 'unknown',
    });
    const forgetful = { read: async () => null, write: refuse };
    await expect(open({ memory: forgetful }).check()).rejects.toMatchObject({ name: 'StoreError' });
  });

  it('shows its settings also when it is the wrong one', async () => {
    await open().check();
    await made.store.delete(IDENTITY);
    await expect(open().settings()).resolves.toEqual(await made.store.settings());
  });
});
