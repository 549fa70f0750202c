import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storeDeposit } from './deposit.ts';
import { markMessage } from './forget-marks.ts';
import { deadLetterKey, markKey, mediaKey, metadataKey, stagingPrefix } from './keys.ts';
import { sweepLeftovers } from './sweep-leftovers.ts';
import { openWorld, someDeposit, START, sweepAt, type World } from './test-world.ts';

const DAY_MS = 86_400_000;
const JSON_TYPE = { contentType: 'application/json' };
const TEXT = { contentType: 'text/plain' };

describe('a sweep of leftovers', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(() => world.remove());

  it('tells of a damaged dead letter, passes over it and sweeps what is staged', async () => {
    const { store } = world.stores.master;
    const staged = `${stagingPrefix('t100')}left`;
    const letter = deadLetterKey('t100', 'voicemail.deposits-0-3-abc');
    await store.put(staged, Buffer.from('RIFF'), TEXT);
    await store.put(letter, Buffer.from('{"id":'), JSON_TYPE);
    const told: unknown[] = [];
    const options = { ...sweepAt(START + 8 * DAY_MS), onFailure: (error: unknown) => void told.push(error) };
    expect(await sweepLeftovers(world.stores, options)).toMatchObject({ staged: 1 });
    expect(await store.head(staged)).toBeNull();
    expect(await store.head(letter)).not.toBeNull();
    expect(new Set(told.map((error) => (error as { kind?: string; key?: string }).key))).toEqual(new Set([letter]));
  });

  it('takes away nothing by which the deletion rule finds what a store lost of a marked message', async () => {
    const { store } = world.stores.master;
    const now = new Date(START).toISOString();
    await storeDeposit(world.stores, someDeposit(), now);
    await markMessage(world.stores, '9876', 'm1', 'f1', now);
    await store.delete(metadataKey('t100', '9876', 'm1'));
    const nothing = { orphans: 0, indexEntries: 0 };
    expect(await sweepLeftovers(world.stores, sweepAt(START + 8 * DAY_MS))).toMatchObject(nothing);
    await store.delete(mediaKey('t100', '9876', 'm1', 'wav'));
    expect(await sweepLeftovers(world.stores, sweepAt(START + 8 * DAY_MS))).toMatchObject(nothing);
    await store.delete(markKey('t100', '9876', 'm1'));
    expect(await sweepLeftovers(world.stores, sweepAt(START + 8 * DAY_MS))).toMatchObject({ indexEntries: 1 });
  });

  it('takes away what a doctor that was killed left, after a day', async () => {
    for (const { store } of world.stores.regions) await store.put('t100/probes/one', Buffer.from('x'), TEXT);
    const left = () => Promise.all(world.stores.regions.map(({ store }) => store.head('t100/probes/one')));
    await sweepLeftovers(world.stores, sweepAt(START + DAY_MS - 1));
    expect(await left()).not.toContain(null);
    await sweepLeftovers(world.stores, sweepAt(START + DAY_MS));
    expect(await left()).toEqual([null, null]);
  });
});
