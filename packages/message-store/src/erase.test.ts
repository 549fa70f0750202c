import type { ObjectStore, Purge } from '@voicemail/object-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { onStores } from './contract/store-kinds.ts';
import { keepDeadLetter, removeDeadLetter } from './dead-letters.ts';
import { deleteMessage, eraseMessage } from './delete-message.ts';
import { storeDeposit } from './deposit.ts';
import type { NotErased } from './erase.ts';
import { markMessage, unmarkMessage } from './forget-marks.ts';
import { mediaKey, metadataKey } from './keys.ts';
import { stageMedia } from './stage.ts';
import { sweepLeftovers } from './sweep-leftovers.ts';
import { collect, openWorld, someDeposit, START, sweepAt, type World } from './test-world.ts';
import type { TenantStores } from './tenant-stores.ts';
import { changeState } from './update-message.ts';

const DAY_MS = 86_400_000;
const now = new Date(START).toISOString();
const METADATA = metadataKey('t100', '9876', 'm1');
const MEDIA = mediaKey('t100', '9876', 'm1', 'wav');
const NOTHING: Purge = { erased: 0, left: [] };
let world: World;

const home = () => ({ tenant: world.stores, deployment: world.stores.master.store });
const rejected = (offset: number) => ({
  topic: 'voicemail.deposits',
  partition: 0,
  offset,
  key: null,
  value: Buffer.from('{}'),
  headers: {},
  takenAtMs: START,
  reason: 'conflict',
  detail: '',
  stagedKey: null,
  callerId: '+15551212000',
});
const deleted = async (stores: TenantStores) => (await deleteMessage(stores, '9876', 'm1', 'user', now))!;

onStores(
  'erasure where old versions are kept',
  [
    ['S3 with versions', 'S3 with versions'],
    ['volume', 'S3 with versions'],
  ],
  (open, [master]) => {
    beforeEach(async () => {
      world = await open();
      await storeDeposit(world.stores, someDeposit({ region: 'westeurope' }), now);
      await changeState(world.stores, '9876', 'm1', { action: 'read', order: { at: now, id: 'e' } }, now);
    });
    afterEach(() => world.remove());

    const europe = (): ObjectStore => world.stores.regions[1]!.store;
    /** What a purge finds is what was kept. */
    const expectNothingKept = async (): Promise<void> => {
      expect(await europe().purge(MEDIA)).toEqual(NOTHING);
      expect(await world.stores.master.store.purge(METADATA)).toEqual(NOTHING);
    };

    it('a deletion leaves no version of metadata or media', async () => {
      await markMessage(world.stores, '9876', 'm1', 'one', now);
      expect(await eraseMessage(world.stores, await deleted(world.stores))).toMatchObject({ notErased: [] });
      await expectNothingKept();
    });

    it('without it the versions would be there', async () => {
      await deleted(world.stores);
      await europe().delete(MEDIA);
      expect((await europe().purge(MEDIA)).erased).toBeGreaterThan(0);
      if (master !== 'volume') expect((await world.stores.master.store.purge(METADATA)).erased).toBeGreaterThan(0);
    });

    it('one that stopped before it had erased them is completed by its repetition', async () => {
      await deleted(world.stores);
      await europe().delete(MEDIA);
      expect(await eraseMessage(world.stores, await deleted(world.stores))).toMatchObject({ notErased: [] });
      await expectNothingKept();
    });

    it('or by the sweep of stubs', async () => {
      await deleted(world.stores);
      await europe().delete(MEDIA);
      await sweepLeftovers(world.stores, sweepAt(START + DAY_MS));
      await expectNothingKept();
    });

    it('a stub, a mark’s entry, a dead letter and what was staged leave none either', async () => {
      await markMessage(world.stores, '9876', 'm1', 'one', now);
      await unmarkMessage(world.stores, '9876', 'm1', 'one', now);
      const letter = await keepDeadLetter(home(), rejected(1), START);
      expect(await removeDeadLetter(home(), letter)).toEqual([]);
      const audio = { contentType: 'audio/wav', body: Buffer.from('RIFF some sound') };
      const stagedKey = await stageMedia(world.stores, 'westeurope', 'big', audio);
      const staged = someDeposit({
        messageId: 'm2',
        region: 'westeurope',
        media: { contentType: 'audio/wav', stagedKey },
      });
      expect(await storeDeposit(world.stores, staged, now)).toMatchObject({ kind: 'stored', notErased: [] });
      expect(await europe().purge(stagedKey)).toEqual(NOTHING);
      for (const key of [
        `t100/index/forgetme/9876/m1`,
        letter.storedAt,
        letter.storedAt.replace('record', 'dead-letter.json'),
      ]) {
        expect(await world.stores.master.store.purge(key)).toEqual(NOTHING);
      }
      await eraseMessage(world.stores, await deleted(world.stores));
      await sweepLeftovers(world.stores, sweepAt(START + 35 * DAY_MS));
      expect(await world.stores.master.store.head(METADATA)).toBeNull();
      await expectNothingKept();
    });
  },
);

describe('what a store keeps all the same', () => {
  beforeEach(async () => {
    world = await openWorld();
    await storeDeposit(world.stores, someDeposit({ region: 'westeurope' }), now);
  });
  afterEach(() => world.remove());

  const UNTIL = START + 7 * DAY_MS;
  /** Stores that keep one soft-deleted copy of everything. */
  const keeping = (): TenantStores =>
    world.behind((store) => ({
      ...store,
      capabilities: { ...store.capabilities, keepsReplaced: true },
      purge: async () => ({
        erased: 0,
        left: [{ what: 'soft-deleted', count: 1, why: 'soft delete is on', until: UNTIL }],
      }),
    }));
  const left = (of: NotErased['of'], region: string): NotErased => ({
    region,
    of,
    what: 'soft-deleted',
    count: 1,
    why: 'soft delete is on',
    until: UNTIL,
  });

  it('of a deletion is told to whoever asked for it', async () => {
    const stores = keeping();
    expect(await eraseMessage(stores, await deleted(stores))).toEqual({
      removed: true,
      notErased: [left('media', 'westeurope'), left('metadata', 'westus2')],
    });
  });

  it('of a dead letter, a mark and a staged object too', async () => {
    const stores = keeping();
    const letter = await keepDeadLetter(home(), rejected(1), START);
    expect(await removeDeadLetter({ ...home(), tenant: stores }, letter)).toEqual([
      left('dead letter', 'westus2'),
      left('dead letter', 'westus2'),
      left('index entry', 'westus2'),
    ]);
    await markMessage(stores, '9876', 'm1', 'one', now);
    expect(await unmarkMessage(stores, '9876', 'm1', 'one', now)).toMatchObject({
      notErased: [left('index entry', 'westus2')],
    });
    const audio = { contentType: 'audio/wav', body: Buffer.from('x') };
    const stagedKey = await stageMedia(stores, 'westeurope', 'big', audio);
    const media = { contentType: 'audio/wav', stagedKey };
    expect(
      await storeDeposit(stores, someDeposit({ messageId: 'm2', region: 'westeurope', media }), now),
    ).toMatchObject({
      notErased: [left('staged media', 'westeurope')],
    });
  });

  it('of what a sweep removes is told to its owner', async () => {
    const told: NotErased[] = [];
    const stores = keeping();
    await deleted(stores);
    const sweep = (atMs: number) =>
      sweepLeftovers(stores, { ...sweepAt(atMs), onNotErased: (one) => void told.push(one) });
    await sweep(START + DAY_MS);
    await sweep(START + 35 * DAY_MS);
    const kinds = told.map(({ of, region }) => `${of} ${region}`);
    // A recording that was removed is in no listing, so every region is asked for it.
    const where = ['media westeurope', 'media westus2', 'metadata westus2', 'index entry westus2'];
    expect(new Set(kinds)).toEqual(new Set(where));
    expect(await collect(world.stores.master.store.list('t100/'))).toEqual([]);
  });
});
