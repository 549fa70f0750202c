import { around, withFaults } from '@voicemail/object-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deleteMessage, eraseMessage, type DeleteOutcome } from './delete-message.ts';
import { storeDeposit } from './deposit.ts';
import { forwardMessage } from './forward-message.ts';
import { listMessages, openMedia } from './read-message.ts';
import { searchCaller } from './search-caller.ts';
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

describe('a forward', () => {
  const forward = (eventId = 'e1') =>
    forwardMessage(world.stores, { mailbox: '9876', messageId: 'm1' }, '42', eventId, later);

  it('adds a message with media of its own that its caller finds, and changes the source', async () => {
    const outcome = await forward();
    expect(outcome).toMatchObject({
      source: { revision: 2, modifiedAt: later },
      target: { mailbox: '42', state: 'new', revision: 1, forwardedFrom: { mailbox: '9876', messageId: 'm1' } },
    });
    await remove('9876', 'm1');
    const [target] = await collect(listMessages(world.stores, '42'));
    const media = await openMedia(world.stores, target!);
    expect(Buffer.concat(await collect(media.body)).toString()).toBe('RIFF some sound');
    expect(await collect(searchCaller(world.stores, '+15551212000'))).toMatchObject([{ kind: 'message', owner: '42' }]);
  });

  it('that is repeated makes no second one and no second change', async () => {
    const first = await forward();
    expect(await forward()).toEqual(first);
    expect(await collect(listMessages(world.stores, '42'))).toHaveLength(1);
    await forward('e2');
    expect(await collect(listMessages(world.stores, '42'))).toHaveLength(2);
  });

  it('stays gone after it was deleted', async () => {
    const first = await forward();
    await remove('42', first!.target!.messageId);
    expect(await forward()).toMatchObject({ target: { gone: true } });
    expect(await collect(listMessages(world.stores, '42'))).toEqual([]);
  });

  it('of a deleted message forwards nothing', async () => {
    await remove('9876', 'm1');
    expect(await forward()).toMatchObject({ target: null, source: { gone: true } });
    expect(await collect(listMessages(world.stores, '42'))).toEqual([]);
  });

  it('whose source is deleted while it is copied is tried again, and then forwards nothing', async () => {
    let isDeleted = false;
    const stores = world.behind((store) =>
      withFaults(store, async ({ operation, moment }) => {
        if (operation !== 'copy' || moment === 'after' || isDeleted) return;
        isDeleted = true;
        await remove('9876', 'm1');
      }),
    );
    const attempt = forwardMessage(stores, { mailbox: '9876', messageId: 'm1' }, '42', 'e1', later);
    await expect(attempt).rejects.toMatchObject({ kind: 'busy', retryable: true });
    expect(await forward()).toMatchObject({ target: null, source: { gone: true } });
  });

  it('whose source has lost its recording is refused', async () => {
    await world.stores.regions[1]!.store.delete('t100/mailboxes/9876/messages/m1/media.wav');
    await expect(forward()).rejects.toMatchObject({ reason: 'media-missing' });
  });

  it('whose late attempt copies after the target was made and deleted leaves no copy', async () => {
    let isFirstLook = true;
    const late = world.behind((store) =>
      around(store, {
        call: async (operation, key, run) => {
          const seen = await run();
          if (operation === 'get' && isFirstLook && key?.includes('/42/') === true) {
            isFirstLook = false;
            const first = await forward();
            await remove('42', first!.target!.messageId);
          }
          return seen;
        },
        items: (_operation, _prefix, run) => run(),
      }),
    );
    const outcome = await forwardMessage(late, { mailbox: '9876', messageId: 'm1' }, '42', 'e1', later);
    expect(outcome).toMatchObject({ target: { gone: true, reason: 'user' }, source: { messageId: 'm1' } });
    expect(await collect(world.stores.regions[1]!.store.list('t100/mailboxes/42/'))).toEqual([]);
  });

  it('whose late attempt finds the source deleted leaves the target of the one that succeeded alone', async () => {
    // The late attempt has looked for the target and found none; then the other one does it all, and the source is deleted.
    let isFirstLook = true;
    const late = world.behind((store) =>
      around(store, {
        call: async (operation, key, run) => {
          const seen = await run();
          if (operation === 'get' && isFirstLook && key?.includes('/42/') === true) {
            isFirstLook = false;
            await forward();
            await remove('9876', 'm1');
          }
          return seen;
        },
        items: (_operation, _prefix, run) => run(),
      }),
    );
    const outcome = await forwardMessage(late, { mailbox: '9876', messageId: 'm1' }, '42', 'e1', later);
    expect(outcome).toMatchObject({ target: { mailbox: '42', state: 'new' } });
    const [target] = await collect(listMessages(world.stores, '42'));
    const media = await openMedia(world.stores, target!);
    expect(Buffer.concat(await collect(media.body)).toString()).toBe('RIFF some sound');
  });

  it('that died before its target was there, and whose source was deleted then, leaves no copy', async () => {
    const dying = world.behind((store) =>
      withFaults(store, ({ moment, operation, key }) => {
        if (moment === 'before' && operation === 'put' && /\/42\/.*metadata\.json$/.test(key ?? '')) {
          throw new Error('the process died');
        }
      }),
    );
    const attempt = forwardMessage(dying, { mailbox: '9876', messageId: 'm1' }, '42', 'e1', later);
    await expect(attempt).rejects.toThrow('died');
    await remove('9876', 'm1');
    expect(await forward()).toMatchObject({ target: null, source: { gone: true } });
    expect(await collect(world.stores.regions[1]!.store.list('t100/'))).toEqual([]);
  });
});
