import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deleteMessage } from './delete-message.ts';
import { storeDeposit } from './deposit.ts';
import { forwardMessage } from './forward-message.ts';
import { readMessage } from './read-message.ts';
import { openWorld, someDeposit, START, type World } from './test-world.ts';
import { changeState } from './update-message.ts';

const now = new Date(START).toISOString();
const later = new Date(START + 60_000).toISOString();
let world: World;

beforeEach(async () => {
  world = await openWorld();
  await storeDeposit(world.stores, someDeposit({ region: 'westeurope' }), now);
});
afterEach(() => world.remove());

const read = (id: string) => ({ action: 'read' as const, order: { at: later, id } });

describe('an action', () => {
  it('on a message that is not there yet says so', async () => {
    expect(await changeState(world.stores, '9876', 'none', read('e1'), later)).toBeNull();
    expect(await deleteMessage(world.stores, '9876', 'none', 'user', later)).toBeNull();
    expect(await forwardMessage(world.stores, { mailbox: '9876', messageId: 'none' }, '42', 'e1', later)).toBeNull();
  });

  it('keeps the tags when it changes the metadata', async () => {
    await changeState(world.stores, '9876', 'm1', read('e1'), later);
    const info = await world.stores.master.store.head('t100/mailboxes/9876/messages/m1/metadata.json');
    expect(Object.keys(info?.tags ?? {})).toEqual(['caller_id']);
  });

  it('loses no update when twenty come at once', async () => {
    const actions = Array.from({ length: 20 }, (_, index) => ({
      action: index % 2 === 0 ? ('read' as const) : ('unread' as const),
      order: { at: later, id: String(index).padStart(2, '0') },
    }));
    await Promise.all(actions.map((action) => changeState(world.stores, '9876', 'm1', action, later)));
    expect((await readMessage(world.stores, '9876', 'm1'))?.value).toMatchObject({
      state: 'new',
      lastAction: { id: '19' },
    });
  });

  it('on a deleted message changes nothing and says what stands there', async () => {
    await deleteMessage(world.stores, '9876', 'm1', 'user', later);
    const outcome = await changeState(world.stores, '9876', 'm1', read('e1'), later);
    expect(outcome).toMatchObject({ changed: false, record: { gone: true, reason: 'user' } });
  });
});
