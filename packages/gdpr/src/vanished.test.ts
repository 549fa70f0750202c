import { isStub } from '@voicemail/domain';
import {
  changeState,
  createLedgers,
  deleteMessage,
  eraseMessage,
  forwardedId,
  forwardMessage,
  listMarks,
  readRecord,
  sweepLeftovers,
  type TenantStores,
} from '@voicemail/message-store';
import { onStores } from '@voicemail/message-store/testing';
import { around, withFaults } from '@voicemail/object-store';
import { systemIds } from '@voicemail/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { placeHold, releaseHold, type HoldWish } from './holds.ts';
import {
  CALLER,
  DAY_MS,
  mortalWorker,
  openGdprWorld,
  request,
  type GdprWorld,
  type Worker,
} from './testing/gdpr-world.ts';

const OTHER = '+15551212999';
const HOUR_MS = 3_600_000;
const SOURCE = { mailbox: '9876', messageId: 'm1' };
const COPY = { mailbox: '42', messageId: forwardedId('t100', SOURCE, '42', 'e1') };

let world: GdprWorld;
let worker: Worker;

const now = (): string => new Date(world.clock.now()).toISOString();
const forward = (stores = world.world.stores) => forwardMessage(stores, SOURCE, '42', 'e1', now());
const recordOf = async ({ mailbox, messageId }: typeof SOURCE) =>
  (await readRecord(world.world.stores, mailbox, messageId))?.value;
const phase = async (): Promise<object> => {
  const standing = await worker.request('f1');
  return { phase: standing?.phase, heldUntil: standing?.heldUntil };
};
const office = () => ({ ledgers: createLedgers(world.clock), clock: world.clock, ids: systemIds() });
const hold = async (on: HoldWish['on']): Promise<string> =>
  (await placeHold(office(), world.world.stores, { on, reason: 'case 4711', until: null })).holdId;
const release = (holdId: string): Promise<boolean> => releaseHold(office(), world.world.stores, holdId);

/** A message of the caller, and its forget as far as it is marked. */
async function forget(): Promise<void> {
  worker = world.worker();
  await world.deposit({ messageId: 'm1' });
  await worker.gdpr.take(worker.stores, request('f1', 'forgetme', now(), CALLER), now());
  await worker.work();
}

/** What a lifecycle rule of the store's own does: all of the message goes, without a word to anybody. */
async function ownRuleDeletes({ mailbox, messageId } = SOURCE): Promise<void> {
  for (const { store } of world.world.stores.regions)
    for await (const { key } of store.list(`t100/mailboxes/${mailbox}/messages/${messageId}/`)) await store.delete(key);
}

describe('a marked message that is forwarded', () => {
  beforeEach(async () => {
    world = await openGdprWorld();
    await forget();
  });
  afterEach(() => world[Symbol.asyncDispose]());

  /** The process dies between the entry of the copy's mark and the copy. */
  async function stopsBeforeCopy(): Promise<void> {
    const dying = world.world.behind((store) =>
      withFaults(store, ({ moment, operation, key }) => {
        if (moment === 'before' && operation === 'put' && /\/42\/.*metadata\.json$/.test(key ?? ''))
          throw new Error('the process died');
      }),
    );
    await expect(forward(dying)).rejects.toThrow('died');
    expect(await recordOf(COPY)).toBeUndefined();
  }
  /** The same stores, but the forward is repeated right after the n-th call about something of the copy's. */
  function landsAfter(nth: number): { readonly stores: TenantStores; readonly happened: () => boolean } {
    let calls = 0;
    const stores = world.world.behind((store) =>
      around(store, {
        call: async (_operation, key, run) => {
          const answer = await run();
          if (key?.includes('/42/') !== true) return answer;
          calls += 1;
          if (calls === nth) await forward();
          return answer;
        },
        items: (_operation, _prefix, run) => run(),
      }),
    );
    return { stores, happened: () => calls >= nth };
  }

  it('by a process that stopped before the copy was there, then a run: its repetition ends with the copy there', async () => {
    await world.clock.advance(HOUR_MS);
    await stopsBeforeCopy();
    await world.clock.advance(HOUR_MS);
    expect(await worker.rule()).toMatchObject({ deleted: [], kept: 1 });
    expect(await phase()).toMatchObject({ phase: 'marked' });
    expect(await forward()).toMatchObject({ target: { ...COPY, state: 'new', forgetRequestIds: ['f1'] } });
    expect(await worker.rule()).toMatchObject({ deleted: [], kept: 2 });
    await world.clock.advance(DAY_MS);
    const { deleted, kept } = await worker.rule();
    expect([new Set(deleted.map(({ messageId }) => messageId)), kept]).toEqual([new Set(['m1', COPY.messageId]), 0]);
    expect(await phase()).toMatchObject({ phase: 'erased' });
  });

  it('and deleted by a user, by a process that stopped for good, keeps the request from its erasure for a day', async () => {
    await stopsBeforeCopy();
    const gone = await deleteMessage(world.world.stores, '9876', 'm1', 'user', now());
    await eraseMessage(world.world.stores, gone!);
    await world.clock.advance(2 * HOUR_MS);
    await worker.rule();
    expect(await recordOf(COPY)).toBeUndefined();
    expect(await phase()).toMatchObject({ phase: 'marked' });
    await world.clock.advance(DAY_MS);
    await worker.rule();
    expect(await phase()).toMatchObject({ phase: 'erased' });
    expect(await recordOf(COPY)).toMatchObject({ gone: true, reason: 'swept' });
    expect(await forward()).toMatchObject({ target: null });
  });

  it.each([1, 2, 3, 4, 5, 6, 7])('and lands after call %i of a run, a day late: it is not deleted', async (nth) => {
    await stopsBeforeCopy();
    await world.clock.advance(23 * HOUR_MS);
    await changeState(world.world.stores, '9876', 'm1', { action: 'read', order: { at: now(), id: 'e2' } }, now());
    await world.clock.advance(2 * HOUR_MS);
    const { stores, happened } = landsAfter(nth);
    expect(await world.worker({ stores }).rule()).toMatchObject({ deleted: [] });
    expect(happened()).toBe(true);
    expect(await recordOf(COPY)).toMatchObject({ state: 'new', forgetRequestIds: ['f1'] });
    expect(await world.facts('deleted')).toEqual(new Set());
  });

  // The first two steps are those of its lease, the next eight those of the append that tells where the request is.
  it.each([11, 12, 13, 14, 15, 16])(
    'by a process that stopped, and a run a day later stops at its step %i: the next takes back all, and the repetition brings the copy',
    async (step) => {
      await stopsBeforeCopy();
      await world.clock.advance(23 * HOUR_MS);
      await changeState(world.world.stores, '9876', 'm1', { action: 'read', order: { at: now(), id: 'e2' } }, now());
      await world.clock.advance(2 * HOUR_MS);
      const mortal = mortalWorker(world, step);
      await expect(mortal.worker.rule()).rejects.toThrow('died');
      expect(mortal.diedAt()).toMatch(/\/42\//);
      await world.clock.advance(HOUR_MS);
      await worker.rule();
      expect((await Array.fromAsync(listMarks(world.world.stores))).map(({ ref }) => ref)).toEqual([SOURCE]);
      expect(await forward()).toMatchObject({ target: { ...COPY, state: 'new', forgetRequestIds: ['f1'] } });
      expect(await world.facts('deleted')).toEqual(new Set());
      await world.clock.advance(DAY_MS);
      expect((await worker.rule()).deleted.map(({ messageId }) => messageId).toSorted()).toEqual(
        [COPY.messageId, 'm1'].toSorted(),
      );
      expect(await phase()).toMatchObject({ phase: 'erased' });
    },
  );

  it.each(['is brought at once', 'is brought by a process that stops right after it, and repeated'])(
    'and whose copy %s, and then is taken by a rule of the store’s own, stays deleted when the forward comes again',
    async (how) => {
      if (how !== 'is brought at once') {
        const dying = world.world.behind((store) =>
          withFaults(store, ({ moment, operation, key }) => {
            if (moment === 'after' && operation === 'put' && /\/42\/.*metadata\.json$/.test(key ?? ''))
              throw new Error('the process died');
          }),
        );
        await expect(forward(dying)).rejects.toThrow('died');
      }
      await forward();
      await world.clock.advance(23 * HOUR_MS);
      await changeState(world.world.stores, '9876', 'm1', { action: 'read', order: { at: now(), id: 'e2' } }, now());
      await world.clock.advance(2 * HOUR_MS);
      await ownRuleDeletes(COPY);
      await worker.rule();
      expect([...(await world.facts('deleted'))]).toHaveLength(1);
      expect(await forward()).toMatchObject({ target: { gone: true, reason: 'forgetme' } });
    },
  );
});

describe('a marked message that a rule of the store’s own took while it was under a legal hold', () => {
  beforeEach(async () => {
    world = await openGdprWorld();
    await forget();
    await world.clock.advance(DAY_MS);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  it.each([
    ['itself', SOURCE],
    ['on its caller', { phone: '(555) 121-2000' }],
  ])('%s stands, with its request, until the hold is released, also when sweeps came by', async (_name, on) => {
    const holdId = await hold(on);
    await ownRuleDeletes();
    await worker.rule();
    expect(await phase()).toEqual({ phase: 'held', heldUntil: null });
    await world.clock.advance(8 * DAY_MS);
    const onFailure = (error: unknown): never => {
      throw error;
    };
    const options = { nowMs: world.clock.now(), signal: new AbortController().signal, onNotErased: () => undefined };
    await sweepLeftovers(world.world.stores, { ...options, onFailure });
    await worker.rule();
    expect(await phase()).toEqual({ phase: 'held', heldUntil: null });
    expect(await recordOf(SOURCE)).toBeUndefined();
    expect(await world.facts('deleted')).toEqual(new Set());

    await release(holdId);
    await worker.rule();
    expect(await phase()).toMatchObject({ phase: 'erased' });
    expect(await recordOf(SOURCE)).toMatchObject({ reason: 'forgetme' });
    expect([...(await world.facts('deleted'))]).toHaveLength(1);
  });
});

onStores(
  'beside a legal hold on others, what a rule of the store’s own took',
  [
    ['volume', 'volume'],
    ['S3 with versions', 'S3 with versions'],
  ],
  (open) => {
    beforeEach(async () => {
      world = await openGdprWorld(open);
      await forget();
      await world.clock.advance(DAY_MS);
    });
    afterEach(() => world[Symbol.asyncDispose]());

    it('is completed before its request is erased: stub, fact, and what the store keeps', async () => {
      await hold({ phone: OTHER });
      await hold({ mailbox: '9876', messageId: 'm2' });
      await ownRuleDeletes();
      await worker.rule();
      expect(await phase()).toMatchObject({ phase: 'erased' });
      const record = await recordOf(SOURCE);
      expect(record !== undefined && isStub(record) && record.reason).toBe('forgetme');
      expect([...(await world.facts('deleted'))]).toHaveLength(1);
      const { store } = world.world.stores.master;
      expect(await store.head('t100/index/forgetme/9876/m1')).toBeNull();
      if (!store.capabilities.keepsReplaced) return;
      for (const name of ['metadata.json', 'media.wav'])
        expect(await store.purge(`t100/mailboxes/9876/messages/m1/${name}`)).toEqual({ erased: 0, left: [] });
    });
  },
);
