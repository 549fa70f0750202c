import { markMessage, readMessage, storeDeposit, type TenantStores } from '@voicemail/message-store';
import { someDeposit } from '@voicemail/message-store/testing';
import { describe, expect, it } from 'vitest';
import { TAGS_SETTLE_AFTER_MS } from '../limits.ts';
import { CALLER, DAY_MS, openGdprWorld, request, type GdprWorld, type Worker } from '../testing/gdpr-world.ts';
import { withLaggingTags } from '../testing/lagging-tags.ts';
import { noted } from './noted-writes.ts';

const at = (world: GdprWorld): string => new Date(world.clock.now()).toISOString();

/** A worker on stores whose tags lag, and its writes. */
function lagging(world: GdprWorld): {
  readonly worker: Worker;
  readonly stores: TenantStores;
  readonly writes: string[];
  readonly settle: () => Promise<void>;
} {
  const writes: string[] = [];
  const all: (() => Promise<void>)[] = [];
  const stores = world.world.behind((store) => {
    const { store: tagged, settle } = withLaggingTags(store);
    all.push(settle);
    return noted(tagged, (write) => void writes.push(write));
  });
  const settle = async (): Promise<void> => void (await Promise.all(all.map((each) => each())));
  return { worker: world.worker({ stores }), stores, writes, settle };
}
async function deposit(world: GdprWorld, stores: TenantStores, messageId: string, at0 = at(world)): Promise<void> {
  const media = { contentType: 'audio/wav', bytes: Buffer.from(`RIFF sound of ${messageId}`) };
  await storeDeposit(stores, someDeposit({ messageId, depositedAt: at0, takenAt: at0, media }), at(world));
}
const message = async (stores: TenantStores, id: string) => (await readMessage(stores, '9876', id))?.value;
async function ask(world: GdprWorld, worker: Worker, id: string, operation: 'forgetme' | 'undoforget'): Promise<void> {
  await worker.gdpr.take(worker.stores, request(id, operation, at(world), CALLER), at(world));
  await worker.work();
}

describe('where tags lag, the order of the calls is that of the model', () => {
  it('for what no search told of: it is marked when the tags have settled, before any run of the rule (steps 40 to 42)', async () => {
    await using world = await openGdprWorld();
    const { worker, stores, writes, settle } = lagging(world);
    await deposit(world, stores, 'm1');
    await ask(world, worker, 'f1', 'forgetme');
    expect(await worker.request('f1')).toMatchObject({ phase: 'marked' });
    expect((await message(stores, 'm1'))?.forgetRequestIds).toBeUndefined();
    await settle();
    await world.clock.advance(TAGS_SETTLE_AFTER_MS);
    writes.splice(0);
    await worker.work();
    expect((await message(stores, 'm1'))?.forgetRequestIds).toEqual(['f1']);
    const [intends, did] = ['put ledger', 'put ledger'];
    expect(writes).toEqual([intends, 'put meta', 'tag media', did]);
  });

  it('for what the last search did not tell of: the next run of the rule deletes it (later runs, steps 1 to 3)', async () => {
    await using world = await openGdprWorld();
    const { worker, stores, writes, settle } = lagging(world);
    const early = at(world);
    await ask(world, worker, 'f1', 'forgetme');
    await world.clock.advance(DAY_MS);
    // Judged by a list of just before the erasure.
    await deposit(world, stores, 'late', early);
    await markMessage(stores, '9876', 'late', 'f1', at(world));
    await worker.rule();
    expect(await worker.request('f1')).toMatchObject({ phase: 'erased', hasNumbers: false });
    expect(await message(stores, 'late')).toBeDefined();
    await settle();
    writes.splice(0);
    expect(await worker.rule()).toMatchObject({ deleted: [{ messageId: 'late' }] });
    const [intends, did] = ['put ledger', 'put ledger'];
    expect(writes).toEqual([intends, 'put meta', 'delete media', did]);
  });

  it('for a mark that an undo did not see: the next run of the rule takes it back (later runs, step 4)', async () => {
    await using world = await openGdprWorld();
    const { worker, stores, writes, settle } = lagging(world);
    const early = at(world);
    await ask(world, worker, 'f1', 'forgetme');
    await deposit(world, stores, 'late', early);
    await markMessage(stores, '9876', 'late', 'f1', at(world));
    await ask(world, worker, 'u1', 'undoforget');
    expect(await worker.request('u1')).toMatchObject({ phase: 'undone' });
    expect((await message(stores, 'late'))?.forgetRequestIds).toEqual(['f1']);
    await settle();
    writes.splice(0);
    await worker.rule();
    expect((await message(stores, 'late'))?.forgetRequestIds).toBeUndefined();
    expect(writes).toEqual(['tag media', 'put meta']);
  });
});
