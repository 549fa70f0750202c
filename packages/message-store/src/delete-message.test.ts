import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deleteMessage, eraseMessage, type DeleteOutcome } from './delete-message.ts';
import { storeDeposit } from './deposit.ts';
import { readMessage } from './read-message.ts';
import { collect, openWorld, someDeposit, START, type World } from './test-world.ts';

const now = new Date(START).toISOString();
const later = new Date(START + 60_000).toISOString();
let world: World;

beforeEach(async () => {
  world = await openWorld();
  await storeDeposit(world.stores, someDeposit({ region: 'westeurope' }), now);
});
afterEach(() => world.remove());

const remove = async (mailbox: string, messageId: string, stores = world.stores): Promise<DeleteOutcome> => {
  const outcome = await deleteMessage(stores, mailbox, messageId, 'user', later);
  if (outcome === null) throw new Error('there is no such message');
  await eraseMessage(stores, outcome);
  return outcome;
};

describe('a delete', () => {
  it('leaves a stub without caller, tags or media', async () => {
    await remove('9876', 'm1');
    const key = 't100/mailboxes/9876/messages/m1/metadata.json';
    const reader = await world.stores.master.store.get(key);
    const stub: unknown = JSON.parse(Buffer.concat(await collect(reader!.body)).toString());
    expect(stub).toEqual({
      tenant: 't100',
      mailbox: '9876',
      messageId: 'm1',
      gone: true,
      reason: 'user',
      revision: 2,
      goneAt: later,
    });
    expect(reader?.info.tags).toEqual({});
    expect(await collect(world.stores.regions[1]!.store.list('t100/'))).toEqual([]);
  });

  it('that died before the media went is completed by its repetition', async () => {
    await deleteMessage(world.stores, '9876', 'm1', 'user', later);
    expect(await collect(world.stores.regions[1]!.store.list('t100/'))).toHaveLength(1);
    expect(await remove('9876', 'm1')).toMatchObject({ changed: false });
    expect(await collect(world.stores.regions[1]!.store.list('t100/'))).toEqual([]);
  });

  it('of a message whose region the tenant does not have any more is refused, and the message stays', async () => {
    const without = { ...world.stores, regions: [world.stores.master] };
    await expect(deleteMessage(without, '9876', 'm1', 'user', later)).rejects.toMatchObject({
      reason: 'unknown-region',
    });
    expect((await readMessage(without, '9876', 'm1'))?.value).toMatchObject({ region: 'westeurope', revision: 1 });
    expect(await remove('9876', 'm1')).toMatchObject({ changed: true });
  });
});
