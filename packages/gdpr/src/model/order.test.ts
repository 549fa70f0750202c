import { forwardMessage, storeDeposit, suppressDeposit, type TenantStores } from '@voicemail/message-store';
import { someDeposit } from '@voicemail/message-store/testing';
import { StoreError, withFaults } from '@voicemail/object-store';
import { describe, expect, it } from 'vitest';
import { CALLER, DAY_MS, openGdprWorld, request, type GdprWorld } from '../testing/gdpr-world.ts';
import { noted } from './noted-writes.ts';

function noting(world: GdprWorld): { readonly stores: TenantStores; readonly writes: string[] } {
  const writes: string[] = [];
  return { stores: world.world.behind((store) => noted(store, (write) => void writes.push(write))), writes };
}
const at = (world: GdprWorld): string => new Date(world.clock.now()).toISOString();

/** What the ledger was told, in its order. */
async function toldTo({ world }: GdprWorld): Promise<readonly string[]> {
  const told: string[] = [];
  const { store } = world.stores.master;
  for await (const { key } of store.list('t100/gdpr/ledger/')) {
    const chunks = await Array.fromAsync((await store.get(key))!.body);
    const { requestId, kind } = JSON.parse(Buffer.concat(chunks).toString()) as { requestId: string; kind: string };
    told.push(`${requestId} ${kind}`);
  }
  return told;
}

describe('the order of the calls is that of the model', () => {
  it('for a deposit: index, media, metadata (steps 2 to 4)', async () => {
    await using world = await openGdprWorld();
    const { stores, writes } = noting(world);
    await storeDeposit(stores, someDeposit(), at(world));
    expect(writes).toEqual(['put index', 'put media', 'put meta']);
  });

  it('for one that is suppressed: its stub, then whatever media an attempt has left (steps 20 and 21)', async () => {
    await using world = await openGdprWorld();
    const half = world.world.behind((store) =>
      withFaults(store, ({ operation, key }) => {
        if (operation === 'put' && key?.endsWith('metadata.json') === true) throw new Error('the process died');
      }),
    );
    await expect(storeDeposit(half, someDeposit(), at(world))).rejects.toThrow('the process died');
    const { stores, writes } = noting(world);
    await suppressDeposit(stores, someDeposit(), at(world));
    expect(writes).toEqual(['put meta', 'delete media']);
  });

  it('for a forget: in the ledger first, then each message, then in the ledger again (steps 0 to 6)', async () => {
    await using world = await openGdprWorld();
    await world.deposit();
    const { stores, writes } = noting(world);
    const worker = world.worker({ stores });
    await worker.gdpr.take(stores, request('f1', 'forgetme', at(world), CALLER), at(world));
    expect(writes.splice(0)).toEqual(['put numbers', 'put ledger']);
    await worker.work();
    const [begins, intends, did, marked] = ['put ledger', 'put ledger', 'put ledger', 'put ledger'];
    expect(writes).toEqual([begins, intends, 'put mark', 'put meta', 'tag media', did, marked]);
  });

  it('for a forward of what is marked: index, media, the source, then the entry of the mark before the target, and after it (steps 1 to 4, and 20)', async () => {
    await using world = await openGdprWorld();
    await world.deposit();
    const worker = world.worker();
    await worker.gdpr.take(worker.stores, request('f1', 'forgetme', at(world), CALLER), at(world));
    await worker.work();
    const { stores, writes } = noting(world);
    await forwardMessage(stores, { mailbox: '9876', messageId: 'm1' }, '42', 'e1', at(world));
    expect(writes).toEqual(['put index', 'copy media', 'put meta', 'put mark', 'put meta', 'put mark']);
  });

  it('for a run that takes a forward back: the claim before the copy, the entry of the mark last (a forward that is taken back, steps 1 to 3)', async () => {
    await using world = await openGdprWorld();
    await world.deposit();
    const worker = world.worker();
    await worker.gdpr.take(worker.stores, request('f1', 'forgetme', at(world), CALLER), at(world));
    await worker.work();
    const half = world.world.behind((store) =>
      withFaults(store, ({ operation, key }) => {
        if (operation === 'put' && /\/42\/.*metadata\.json$/.test(key ?? '')) throw new Error('the process died');
      }),
    );
    const stops = forwardMessage(half, { mailbox: '9876', messageId: 'm1' }, '42', 'e1', at(world));
    await expect(stops).rejects.toThrow('the process died');
    await worker.gdpr.take(worker.stores, request('u1', 'undoforget', at(world), CALLER), at(world));
    await worker.work();
    await world.clock.advance(DAY_MS);
    const { stores, writes } = noting(world);
    await world.worker({ stores }).rule();
    expect(writes).toEqual(['put meta', 'delete media', 'delete mark']);
  });

  it('for an undo: in the ledger first; the tag goes before the mark (steps 30 to 34)', async () => {
    await using world = await openGdprWorld();
    await world.deposit();
    const { stores, writes } = noting(world);
    const worker = world.worker({ stores });
    await worker.gdpr.take(stores, request('f1', 'forgetme', at(world), CALLER), at(world));
    await worker.work();
    await worker.gdpr.take(stores, request('u1', 'undoforget', at(world), CALLER), at(world));
    writes.splice(0);
    await worker.work();
    const [begins, intends, did, undone] = ['put ledger', 'put ledger', 'put ledger', 'put ledger'];
    expect(writes).toEqual([begins, intends, 'tag media', 'put meta', 'delete mark', did, undone]);
  });

  it('for the rule and the erasure: the stub before the media, erasing before erased, the numbers last (steps 7 to 16)', async () => {
    await using world = await openGdprWorld();
    await world.deposit();
    const { stores, writes } = noting(world);
    const worker = world.worker({ stores });
    await worker.gdpr.take(stores, request('f1', 'forgetme', at(world), CALLER), at(world));
    await worker.work();
    await world.clock.advance(DAY_MS);
    writes.splice(0);
    await worker.rule();
    const [intends, did, erasing, erased, numbersErased] = Array.from({ length: 5 }, () => 'put ledger');
    expect(writes).toEqual([
      intends,
      'put meta',
      'delete media',
      'delete mark',
      did,
      erasing,
      erased,
      'delete numbers',
      numbersErased,
    ]);
  });

  it('for two requests: the second begins when the first rests, and not before (two requests, steps 0 to 6)', async () => {
    await using world = await openGdprWorld();
    await world.deposit();
    const worker = world.worker();
    await worker.gdpr.take(worker.stores, request('f1', 'forgetme', at(world), CALLER), at(world));
    await worker.gdpr.take(worker.stores, request('u1', 'undoforget', at(world), CALLER), at(world));
    await worker.work();
    const steps = (id: string, end: string): string[] =>
      ['began', 'intends', 'did', end].map((kind) => `${id} ${kind}`);
    expect(await toldTo(world)).toEqual(['f1 taken', 'u1 taken', ...steps('f1', 'marked'), ...steps('u1', 'undone')]);
  });

  it('for a second forget that goes on after the first is erased: the numbers of the first alone go (two requests, steps 21 to 28)', async () => {
    await using world = await openGdprWorld();
    await world.deposit();
    const { stores, writes } = noting(world);
    const worker = world.worker({ stores });
    await worker.gdpr.take(stores, request('f1', 'forgetme', at(world), CALLER), at(world));
    await worker.work();
    await world.clock.advance(DAY_MS);
    await world.deposit({ messageId: 'm2' });
    await worker.gdpr.take(stores, request('f2', 'forgetme', at(world), CALLER), at(world));
    await worker.work();
    writes.splice(0);
    const before = (await toldTo(world)).length;
    await worker.rule();
    expect(writes.filter((write) => write === 'delete numbers')).toHaveLength(1);
    expect((await toldTo(world)).slice(before)).toEqual(
      ['intends', 'did', 'erasing', 'erased', 'numbers-erased'].map((kind) => `f1 ${kind}`),
    );
    expect(await worker.request('f2')).toMatchObject({ phase: 'marked', hasNumbers: true });
  });

  it('over two regions: both are asked, then the master region is worked on whole, then the other (two regions, steps 1 to 6)', async () => {
    await using world = await openGdprWorld();
    await world.deposit({ messageId: 'm1', region: 'westus2' });
    await world.deposit({ messageId: 'm2', region: 'westeurope' });
    const calls: string[] = [];
    const stores = world.world.behind((store, region) =>
      withFaults(
        noted(store, (write) => void calls.push(region === 'westus2' ? write : `${write} elsewhere`)),
        ({ moment, operation }) => {
          if (moment === 'before' && operation === 'check') calls.push(`check ${region}`);
        },
      ),
    );
    const worker = world.worker({ stores });
    await worker.gdpr.take(stores, request('f1', 'forgetme', at(world), CALLER), at(world));
    calls.splice(0);
    await worker.work();
    expect(calls.slice(0, 2).toSorted()).toEqual(['check westeurope', 'check westus2']);
    const [began, intends, did, marked] = ['put ledger', 'put ledger', 'put ledger', 'put ledger'];
    // The two messages are marked beside each other.
    const atHome = ['put mark', 'put mark', 'put meta', 'put meta', 'tag media'];
    expect(calls.slice(2, 4)).toEqual([began, intends]);
    expect(calls.slice(4, 9).toSorted()).toEqual(atHome);
    expect(calls.slice(9)).toEqual([did, intends, 'tag media elsewhere', did, marked]);
  });

  it('over two regions: a deletion in the other one is intended first, and what is left of it is erased by the next run', async () => {
    await using world = await openGdprWorld();
    await world.deposit({ messageId: 'm2', region: 'westeurope' });
    const calls: string[] = [];
    let isDown = false;
    const stores = world.world.behind((store, region) =>
      withFaults(
        noted(store, (write) => void calls.push(region === 'westus2' ? write : `${write} elsewhere`)),
        ({ moment, operation, key }) => {
          if (isDown && moment === 'before' && region !== 'westus2')
            throw new StoreError('unavailable', operation, key, 'the region is down');
        },
      ),
    );
    const worker = world.worker({ stores });
    await worker.gdpr.take(stores, request('f1', 'forgetme', at(world), CALLER), at(world));
    await worker.work();
    await world.clock.advance(DAY_MS);
    calls.splice(0);
    isDown = true;
    await world.whileTimePasses(worker.gdpr.runRule(stores, new AbortController().signal));
    const [intends, did, erasing] = ['put ledger', 'put ledger', 'put ledger'];
    expect(calls.splice(0)).toEqual([intends, 'put meta']);
    isDown = false;
    await world.whileTimePasses(worker.gdpr.runRule(stores, new AbortController().signal));
    // Its mark outlived it, and tells of it first; then what was intended is done again, and told.
    expect(calls).toEqual(['delete media elsewhere', 'delete mark', intends, 'delete mark', did, erasing]);
  });
});
