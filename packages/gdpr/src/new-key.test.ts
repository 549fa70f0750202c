import {
  CallerHashKeyMismatch,
  callerHashes,
  claimMasterRegion,
  createLedgers,
  newReindexReport,
  readMessage,
  reindexTenant,
  soughtHashes,
  verifyMaster,
  type ReindexReport,
  type TenantStores,
} from '@voicemail/message-store';
import { systemIds } from '@voicemail/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { placeHold, releaseHold } from './holds.ts';
import { CALLER, DAY_MS, openGdprWorld, request, type GdprWorld, type Worker } from './testing/gdpr-world.ts';

const [OLD, NEW, NEWEST] = [7, 8, 9];

let world: GdprWorld;
beforeEach(async () => {
  world = await openGdprWorld();
  await claimMasterRegion(withKeys(OLD), false);
});
afterEach(async () => world[Symbol.asyncDispose]());

/** As a start with these keys in the file has the tenant, the current one first. */
function withKeys(...keys: readonly number[]): TenantStores {
  const lines = keys.map((byte) => Buffer.alloc(32, byte).toString('base64'));
  return { ...world.world.stores, hashes: callerHashes(lines.join('\n')) };
}
const workerWith = (...keys: readonly number[]): Worker => world.worker({ stores: withKeys(...keys) });
const now = (): string => new Date(world.clock.now()).toISOString();
const office = () => ({ ledgers: createLedgers(world.clock), clock: world.clock, ids: systemIds() });
const hold = async (stores: TenantStores): Promise<string> =>
  (await placeHold(office(), stores, { on: { phone: CALLER }, reason: 'case 4711', until: null })).holdId;
async function ask(worker: Worker, requestId: string, operation: 'forgetme' | 'undoforget'): Promise<void> {
  await worker.gdpr.take(worker.stores, request(requestId, operation, now(), CALLER), now());
  await worker.work();
}
async function erased(worker: Worker, requestId: string): Promise<void> {
  await ask(worker, requestId, 'forgetme');
  await world.clock.advance(DAY_MS);
  await worker.rule();
  expect(await phaseOf(worker, requestId)).toBe('erased');
}
const phaseOf = async (worker: Worker, requestId: string) => (await worker.request(requestId))?.phase;
async function reindexed(...keys: readonly number[]): Promise<ReindexReport> {
  const report = newReindexReport();
  const { signal } = new AbortController();
  await reindexTenant(withKeys(...keys), { clock: world.clock, signal }, report);
  expect(report.isComplete).toBe(true);
  return report;
}
const messageWith = async (stores: TenantStores) => (await readMessage(stores, '9876', 'm1'))?.value;
const judged = async (stores: TenantStores, at: string): Promise<string> =>
  (await createLedgers(world.clock)(stores).refresh()).judge(soughtHashes(stores, CALLER), Date.parse(at)).kind;

describe('a new caller-hash key, with the old one behind it,', () => {
  it('keeps what is held: a later forget deletes it after the release alone', async () => {
    await world.deposit();
    const holdId = await hold(withKeys(OLD));
    await reindexed(NEW, OLD);
    const worker = workerWith(NEW, OLD);
    await ask(worker, 'f1', 'forgetme');
    await world.clock.advance(8 * DAY_MS);
    expect((await worker.rule()).deleted).toEqual([]);
    expect(await phaseOf(worker, 'f1')).toBe('held');
    await releaseHold(office(), withKeys(NEW, OLD), holdId);
    expect((await worker.rule()).deleted).toHaveLength(1);
    expect(await phaseOf(worker, 'f1')).toBe('erased');
  });

  it('lets a forget that was marked come to its end', async () => {
    await world.deposit();
    await ask(workerWith(OLD), 'f1', 'forgetme');
    await reindexed(NEW, OLD);
    const worker = workerWith(NEW, OLD);
    await worker.rule();
    expect((await messageWith(worker.stores))?.forgetRequestIds).toEqual(['f1']);
    await world.clock.advance(DAY_MS);
    await worker.rule();
    expect(await messageWith(worker.stores)).toBeUndefined();
    expect(await phaseOf(worker, 'f1')).toBe('erased');
  });

  it('lets an undo take back what was asked for under the old one', async () => {
    await world.deposit();
    await ask(workerWith(OLD), 'f1', 'forgetme');
    await reindexed(NEW, OLD);
    const worker = workerWith(NEW, OLD);
    await ask(worker, 'u1', 'undoforget');
    expect([await phaseOf(worker, 'f1'), await phaseOf(worker, 'u1')]).toEqual(['undone', 'undone']);
    await world.clock.advance(8 * DAY_MS);
    expect((await worker.rule()).deleted).toEqual([]);
    expect((await messageWith(worker.stores))?.forgetRequestIds ?? []).toEqual([]);
  });

  it('stores nothing of a caller that was erased under the old one', async () => {
    const before = now();
    await erased(workerWith(OLD), 'f1');
    await reindexed(NEW, OLD);
    expect(await judged(withKeys(NEW, OLD), before)).toBe('suppress');
  });

  it('lets the number of an older request go when a later one erases the caller', async () => {
    await world.deposit();
    await ask(workerWith(OLD), 'f1', 'forgetme');
    await ask(workerWith(OLD), 'u1', 'undoforget');
    await reindexed(NEW, OLD);
    const worker = workerWith(NEW, OLD);
    await erased(worker, 'f2');
    await worker.rule();
    for (const id of ['f1', 'u1', 'f2']) expect([id, (await worker.request(id))?.hasNumbers]).toEqual([id, false]);
  });
});

/** What a start with the new key alone says. */
const startWithNewAlone = (): Promise<boolean> => verifyMaster(withKeys(NEW));

describe('the old key', () => {
  it('may leave where the ledger knows nobody by it', async () => {
    await world.deposit();
    const [old] = (await reindexed(NEW, OLD)).oldKeys;
    expect(old).toMatchObject({ key: 2, mayLeave: true, holds: 0, requests: 0, erasures: 0 });
    expect(await startWithNewAlone()).toBe(true);
    expect((await reindexed(NEW)).oldKeys).toEqual([]);
  });

  it('must stay for a legal hold, until it is released and its number gone', async () => {
    const holdId = await hold(withKeys(OLD));
    expect((await reindexed(NEW, OLD)).oldKeys).toMatchObject([{ mayLeave: false, holds: 1, requests: 0 }]);
    await expect(startWithNewAlone()).rejects.toThrow('legal holds: 1, requests: 0, erasures: 0');
    await expect(startWithNewAlone()).rejects.toBeInstanceOf(CallerHashKeyMismatch);
    await releaseHold(office(), withKeys(NEW, OLD), holdId);
    await workerWith(NEW, OLD).rule();
    expect((await reindexed(NEW, OLD)).oldKeys).toMatchObject([{ mayLeave: true, holds: 0 }]);
    expect(await startWithNewAlone()).toBe(true);
  });

  it('must stay for a marked forget, and for the caller once it is erased, until an undo', async () => {
    await world.deposit();
    await ask(workerWith(OLD), 'f1', 'forgetme');
    expect((await reindexed(NEW, OLD)).oldKeys).toMatchObject([{ mayLeave: false, requests: 1, erasures: 0 }]);
    await expect(startWithNewAlone()).rejects.toThrow('legal holds: 0, requests: 1, erasures: 0');
    const worker = workerWith(NEW, OLD);
    await world.clock.advance(DAY_MS);
    await worker.rule();
    expect((await reindexed(NEW, OLD)).oldKeys).toMatchObject([{ mayLeave: false, requests: 0, erasures: 1 }]);
    await expect(startWithNewAlone()).rejects.toThrow('legal holds: 0, requests: 0, erasures: 1');
    await ask(worker, 'u1', 'undoforget');
    expect(await startWithNewAlone()).toBe(true);
  });

  it('may leave for what was asked for with both: it is known by either', async () => {
    await world.deposit();
    const before = now();
    await hold(withKeys(NEW, OLD));
    await ask(workerWith(NEW, OLD), 'f1', 'forgetme');
    expect((await reindexed(NEW, OLD)).oldKeys).toMatchObject([{ mayLeave: true }]);
    expect(await startWithNewAlone()).toBe(true);
    expect(await judged(withKeys(NEW), before)).toBe('mark');
    const worker = workerWith(NEW);
    await world.clock.advance(8 * DAY_MS);
    expect((await worker.rule()).deleted).toEqual([]);
    expect(await phaseOf(worker, 'f1')).toBe('held');
    // And with a third one the first that knows them stays.
    expect((await reindexed(NEWEST, NEW, OLD)).oldKeys).toMatchObject([
      { key: 2, mayLeave: false, holds: 1, requests: 1 },
      { key: 3, mayLeave: true, holds: 0, requests: 0 },
    ]);
    await expect(verifyMaster(withKeys(NEWEST))).rejects.toBeInstanceOf(CallerHashKeyMismatch);
  });

  it('must stay for entries that name no key', async () => {
    const subject = { kind: 'caller', hashes: soughtHashes(withKeys(OLD), CALLER) } as const;
    const ledger = createLedgers(world.clock)(withKeys(OLD));
    await ledger.append({ kind: 'hold-placed', holdId: 'h1', subject, reason: 'case 4711', until: null, at: now() });
    expect((await reindexed(NEW, OLD)).oldKeys).toMatchObject([{ mayLeave: false, holds: 1 }]);
    await expect(startWithNewAlone()).rejects.toBeInstanceOf(CallerHashKeyMismatch);
    expect(await verifyMaster(withKeys(NEW, OLD))).toBe(true);
  });
});
