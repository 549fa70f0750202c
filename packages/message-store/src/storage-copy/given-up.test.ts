import { withFaults } from '@voicemail/object-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyMaster } from '../caller-hash-check.ts';
import { deleteMessage, eraseMessage } from '../delete-message.ts';
import { storeDeposit } from '../deposit.ts';
import { callerHashCheckKey, metadataKey } from '../keys.ts';
import { markOf } from '../master-mark.ts';
import { sweepLeftovers } from '../sweep-leftovers.ts';
import { someDeposit, START, sweepAt } from '../test-world.ts';
import { contentOf, later, now, openCopyWorld, volume, type CopyWorld } from './world.ts';

const METADATA = metadataKey('t100', '9876', 'm1');
let world: CopyWorld;

/** A hand-over whose process died when all the documents were there and before the target was the master. */
beforeEach(async () => {
  world = await openCopyWorld({ source: volume, target: volume, master: 'source' });
  await storeDeposit(world.stores, someDeposit({ region: 'source' }), now);
  const dying = world.behind((store) =>
    withFaults(store, ({ operation, key }) => {
      const isMark = operation === 'put' && key === callerHashCheckKey('t100');
      if (isMark && store === world.stores.master.store) throw new Error('the process died');
    }),
  );
  const outcome = await world.copy(dying, { isAlone: true }).catch(String);
  const copied = Object.keys(await contentOf(world.stores, 'target'));
  if (outcome !== 'Error: the process died' || !copied.includes(METADATA)) throw new Error('it went otherwise');
});
afterEach(() => world[Symbol.asyncDispose]());

describe('a hand-over that was stopped and not gone on with', () => {
  it('leaves the old master in force, and no number behind of what is deleted there', async () => {
    expect(await verifyMaster(world.stores)).toBe(true);
    await eraseMessage(world.stores, (await deleteMessage(world.stores, '9876', 'm1', 'user', later))!);
    await sweepLeftovers(world.stores, sweepAt(START + 120_000));
    const left = Object.keys(await contentOf(world.stores, 'target'));
    expect(left.filter((key) => key.includes('/messages/'))).toEqual([]);
  });

  it('is taken back by a copy the other way, beside running services', async () => {
    const report = await world.copy(world.stores, { from: 'target', to: 'source' });
    expect(report).toMatchObject({ moved: 1, failed: 0, isHandedOver: false });
    expect(await contentOf(world.stores, 'target')).toEqual({});
    expect(await verifyMaster(world.stores)).toBe(true);
    expect(await markOf(world.stores, world.stores.master.store)).not.toBeNull();
  });
});
