import { withFaults, type ObjectStore } from '@voicemail/object-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CallerHashKeyMismatch, verifyMaster } from '../caller-hash-check.ts';
import { deleteMessage } from '../delete-message.ts';
import { storeDeposit } from '../deposit.ts';
import { mortalAt } from '../mortal.ts';
import { listMessages } from '../read-message.ts';
import { searchCaller } from '../search-caller.ts';
import {
  CALLER,
  allContent,
  fill,
  FIRST_KEY,
  keepLetterIn,
  later,
  now,
  openCopyWorld,
  volume,
  type CopyWorld,
} from '../storage-copy/world.ts';
import type { TenantStores } from '../tenant-stores.ts';
import { collect, someDeposit } from '../test-world.ts';
import { reindexTenant } from './reindex-tenant.ts';
import { newReindexReport, type ReindexReport } from './report.ts';

const NEW_KEY = 8;
/** More steps than any reindex here has. */
const MAX_STEPS = 300;

let world: CopyWorld;
beforeEach(async () => {
  world = await open();
});
afterEach(() => world[Symbol.asyncDispose]());

async function open(): Promise<CopyWorld> {
  const opened = await openCopyWorld({ source: volume, target: volume, master: 'source' });
  await fill(opened.stores);
  await keepLetterIn(opened.stores, 'home');
  return opened;
}

async function reindex(stores: TenantStores): Promise<ReindexReport> {
  const report = newReindexReport();
  const { signal } = new AbortController();
  await reindexTenant(stores, { clock: world.clock, signal }, report);
  return report;
}

const rotated = (): TenantStores => world.withKeys(NEW_KEY, FIRST_KEY);
const found = async (stores: TenantStores, callerId = CALLER): Promise<string[]> =>
  (await collect(searchCaller(stores, callerId))).map(({ owner, id }) => `${owner}/${id}`).toSorted();
const letter = expect.stringMatching(/^dead-letters\/voicemail\.deposits-0-3-/);
const ALL = ['42/elsewhere', '42/marked', '9876/new', '9876/read', letter];

async function expectUnderNewKeyAlone(): Promise<void> {
  const alone = world.withKeys(NEW_KEY);
  expect(await verifyMaster(alone)).toBe(true);
  expect(await found(alone)).toEqual(ALL);
  expect(await found(alone, '+442079460018')).toEqual(['9876/british']);
  expect(await found(world.withKeys(FIRST_KEY))).toEqual([]);
  await expect(verifyMaster(world.withKeys(FIRST_KEY))).rejects.toThrow(CallerHashKeyMismatch);
  // No object is named or tagged by the old key any more.
  const old = world.stores.hashes;
  for (const number of [CALLER, '+442079460018']) {
    expect(JSON.stringify(await allContent(world.stores))).not.toContain(old.current('t100', number));
  }
}

describe('a reindex', () => {
  it('brings everything under the current key, and changes nothing else of a message', async () => {
    const before = await collect(listMessages(world.stores, '9876'));
    const report = await reindex(rotated());
    expect(report).toMatchObject({ isComplete: true, failed: 0, waiting: 0, deadLetters: 1 });
    await expectUnderNewKeyAlone();
    expect(await collect(listMessages(world.stores, '9876'))).toEqual(before);
  });

  it('finds every caller at every moment, and loses no deposit that comes meanwhile', async () => {
    let steps = 0;
    const watched = behind((store) =>
      withFaults(store, async ({ moment }) => {
        if (moment === 'after') return;
        steps += 1;
        const step = steps;
        expect(await found(rotated()), `before step ${step}`).toEqual(expect.arrayContaining(ALL));
        if (step % 10 === 0) {
          await storeDeposit(rotated(), someDeposit({ messageId: `m${step}`, region: 'home' }), later);
        }
      }),
    );
    await reindex({ ...rotated(), ...watched });
    expect(steps).toBeGreaterThan(50);
    await reindex(rotated());
    expect(await found(world.withKeys(NEW_KEY))).toHaveLength(ALL.length + Math.floor(steps / 10));
  }, 60_000);

  it('that is run again changes nothing', async () => {
    await reindex(rotated());
    const content = await allContent(world.stores);
    const again = await reindex(rotated());
    expect(again).toMatchObject({ pass: 1, entries: 0, tags: 0, deadLetters: 0, erased: 0, isComplete: true });
    expect(await allContent(world.stores)).toEqual(content);
  });

  it('under the one key that there is has nothing to do', async () => {
    const content = await allContent(world.stores);
    expect(await reindex(world.stores)).toMatchObject({ pass: 1, isComplete: true });
    expect(await allContent(world.stores)).toEqual(content);
  });

  it('ends the same wherever between two writes the process dies in it', async () => {
    await reindex(rotated());
    const undisturbed = await allContent(world.stores);
    let step = 1;
    for (; step <= MAX_STEPS; step += 1) {
      await world[Symbol.asyncDispose]();
      world = await open();
      const death = mortalAt(step);
      const dying = reindex({ ...rotated(), ...behind(death.layer) });
      await dying.catch((error: unknown) => expect(String(error)).toContain('the process died'));
      if (death.diedAt() === null) break;
      expect(await found(rotated()), `died at ${death.diedAt()}`).toEqual(ALL);
      expect(await reindex(rotated())).toMatchObject({ isComplete: true });
      expect(await allContent(world.stores), `died at ${death.diedAt()}`).toEqual(undisturbed);
    }
    expect(step).toBeGreaterThan(20);
    expect(step).toBeLessThan(MAX_STEPS);
  }, 240_000);

  it('waits for a deposit that was not completed, and does not call itself done before', async () => {
    const dying = behind((store) =>
      withFaults(store, ({ operation, key }) => {
        if (operation === 'put' && key?.endsWith('half/metadata.json') === true) throw new Error('the process died');
      }),
    );
    const half = someDeposit({ messageId: 'half', region: 'home' });
    await expect(storeDeposit({ ...world.stores, ...dying }, half, now)).rejects.toThrow('died');
    expect(await reindex(rotated())).toMatchObject({ waiting: 1, isComplete: false });
    expect(await verifyMaster(world.withKeys(FIRST_KEY))).toBe(true);
    await storeDeposit(rotated(), half, later);
    expect(await reindex(rotated())).toMatchObject({ waiting: 0, isComplete: true });
    expect(await found(world.withKeys(NEW_KEY))).toContain('9876/half');
  });

  it('takes what a stopped deletion left before it takes the entry that finds it', async () => {
    await deleteMessage(world.stores, '9876', 'new', 'user', later);
    expect(await reindex(rotated())).toMatchObject({ isComplete: true });
    const keys = Object.values((await allContent(world.stores)) as Record<string, object>).flatMap(Object.keys);
    expect(keys.filter((key) => key.includes('/messages/new/media'))).toEqual([]);
  });

  it('does not say it is done where a dead letter does not tell its caller', async () => {
    const home = world.stores.regions.find(({ name }) => name === 'home')!.store;
    const [id] = await collect(home.folders('t100/dead-letters/'));
    const key = `t100/dead-letters/${id}/dead-letter.json`;
    const document: unknown = JSON.parse(Buffer.concat(await collect((await home.get(key))!.body)).toString());
    const bytes = Buffer.from(JSON.stringify({ ...(document as object), headers: {} }));
    const { tags } = (await home.head(key))!;
    await home.put(key, bytes, { contentType: 'application/json', tags });
    const report = await reindex(rotated());
    expect(report).toMatchObject({ failed: 1, isComplete: false, failures: [{ deadLetter: id }] });
    expect(await found(rotated())).toEqual(ALL);
  });
});

const behind = (layer: (store: ObjectStore) => ObjectStore): Pick<TenantStores, 'master' | 'regions'> => {
  const { master, regions } = world.behind(layer);
  return { master, regions };
};
