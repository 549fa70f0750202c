import { observed, type ObjectStore } from '@voicemail/object-store';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { deleteMessage, eraseMessage } from './delete-message.ts';
import { storeDeposit } from './deposit.ts';
import { forwardMessage } from './forward-message.ts';
import { openMedia, readMessage } from './read-message.ts';
import { EVERY_MIX, onStores } from './contract/store-kinds.ts';
import { collect, someDeposit, START, type World } from './test-world.ts';
import type { TenantStores } from './tenant-stores.ts';
import { changeState } from './update-message.ts';

const now = new Date(START).toISOString();
const source = { mailbox: '9876', messageId: 'm1' };

// What an operation costs: every call of a store's port, in order. `docs/` states these numbers.
onStores('store calls', EVERY_MIX, (open, [master, other]) => {
  let world: World;

  beforeEach(async () => {
    world = await open();
  });
  afterEach(() => world.remove());

  const callsOf = async (work: (stores: TenantStores) => Promise<unknown>): Promise<string> => {
    const calls: string[] = [];
    const count = (store: ObjectStore, region: string): ObjectStore =>
      observed(
        store,
        (operation) => void calls.push(`${region === 'westus2' ? 'master' : 'other'} ${operation}`),
        world.clock,
      );
    await work(world.behind(count));
    return calls.join(', ');
  };

  it('of a deposit, a read, a change, a forward and a delete', async () => {
    const [masterFinds, otherFinds] = [master, other].map((kind) => kind === 'Azure');
    const [masterKeeps, otherKeeps] = [master, other].map((kind) => kind !== 'volume');
    const entry = masterFinds === true ? (otherFinds === true ? [] : ['other put']) : ['master put'];
    const deposit = someDeposit({ region: 'westeurope' });

    expect(await callsOf((stores) => storeDeposit(stores, deposit, now))).toBe(
      [...entry, 'other put', 'master put'].join(', '),
    );
    expect(await callsOf((stores) => readMessage(stores, '9876', 'm1'))).toBe('master get');
    const message = (await readMessage(world.stores, '9876', 'm1'))!.value;
    expect(await callsOf(async (stores) => collect((await openMedia(stores, message)).body))).toBe('other get');
    const read = { action: 'read' as const, order: { at: now, id: 'e1' } };
    expect(await callsOf((stores) => changeState(stores, '9876', 'm1', read, now))).toBe('master get, master put');
    expect(await callsOf((stores) => forwardMessage(stores, source, '42', 'e2', now))).toBe(
      ['master get, master get', ...entry, 'other copy, master get, master put, master put'].join(', '),
    );
    const erase = [
      'master get, master put, other delete',
      ...(otherKeeps === true ? ['other purge'] : []),
      ...(masterKeeps === true ? ['master purge'] : []),
    ];
    const remove = async (stores: TenantStores): Promise<unknown> =>
      eraseMessage(stores, (await deleteMessage(stores, '9876', 'm1', 'user', now))!);
    expect(await callsOf(remove)).toBe(erase.join(', '));
  });

  it('of a deposit into the master region itself: two where it searches by tags, else three', async () => {
    const calls = await callsOf((stores) => storeDeposit(stores, someDeposit(), now));
    expect(calls.split(', ')).toHaveLength(master === 'Azure' ? 2 : 3);
  });
});
