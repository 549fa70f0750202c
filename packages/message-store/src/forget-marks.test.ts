import { around, observed, withFaults, type ObjectStore } from '@voicemail/object-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EVERY_KIND, onStores, type Mix } from './contract/store-kinds.ts';
import { deleteMessage, eraseMessage } from './delete-message.ts';
import { storeDeposit } from './deposit.ts';
import { markMessage, markRecord, unmarkMessage } from './forget-marks.ts';
import { forwardMessage } from './forward-message.ts';
import { markKey, mediaKey, metadataKey } from './keys.ts';
import { listMarked } from './mark-index.ts';
import { readMessage } from './read-message.ts';
import { collect, someDeposit, START, type World } from './test-world.ts';
import type { TenantStores } from './tenant-stores.ts';
import { changeState } from './update-message.ts';

const now = new Date(START).toISOString();
const later = new Date(START + 60_000).toISOString();
const METADATA = metadataKey('t100', '9876', 'm1');
const MEDIA = mediaKey('t100', '9876', 'm1', 'wav');
const ENTRY = markKey('t100', '9876', 'm1');
/** Of the mixed ones, that whose master has no index and whose media has no search by tags. */
const MIXES: readonly Mix[] = [...EVERY_KIND, ['Azure', 'volume']];

onStores('marks', MIXES, (open, [master, other]) => {
  let world: World;

  beforeEach(async () => {
    world = await open();
    await storeDeposit(world.stores, someDeposit({ region: 'westeurope' }), now);
    await world.clock.advance(60_000);
  });
  afterEach(() => world.remove());

  const mark = (requestId: string, stores = world.stores, at = later) =>
    markMessage(stores, '9876', 'm1', requestId, at);
  const unmark = (requestId: string, stores = world.stores, at = later) =>
    unmarkMessage(stores, '9876', 'm1', requestId, at);
  const europe = (): ObjectStore => world.stores.regions[1]!.store;
  const media = () => europe().head(MEDIA);
  const metadata = () => world.stores.master.store.head(METADATA);
  const marked = async (stores: TenantStores = world.stores): Promise<string[]> =>
    (await collect(listMarked(stores))).map(({ value }) => `${value.mailbox}/${value.messageId}`);

  /** The same stores, but something else happens right after (or before) the first call that is meant. */
  function interrupted(
    when: 'before' | 'after',
    isMeant: (operation: string, key: string) => boolean,
    meanwhile: () => Promise<unknown>,
  ): TenantStores {
    let isOver = false;
    return world.behind((store) =>
      around(store, {
        call: async (operation, key, run) => {
          const isNow = !isOver && isMeant(operation, key ?? '');
          if (!isNow) return run();
          isOver = true;
          if (when === 'before') await meanwhile();
          const answer = await run();
          if (when === 'after') await meanwhile();
          return answer;
        },
        items: (_operation, _prefix, run) => run(),
      }),
    );
  }

  describe('marking a message', () => {
    it('tags metadata and media beside the caller, moves both times, and is to be announced', async () => {
      const outcome = await mark('one');
      expect(outcome).toMatchObject({
        changed: true,
        fact: 'forget-marked',
        record: { revision: 2, modifiedAt: later, forgetMarkedAt: later, forgetRequestIds: ['one'] },
      });
      const [onMetadata, onMedia] = [master, other].map((kind) => ({
        caller_id: kind === 'Azure' ? '+15551212000' : (expect.stringMatching(/^[0-9a-f]{64}$/) as unknown),
        forgetme: 'true',
      }));
      expect((await metadata())?.tags).toEqual(onMetadata);
      expect((await media())?.tags).toEqual(onMedia);
      if (other === 'volume') expect((await media())?.lastModified).toBe(world.startMs + 60_000);
    });

    it('again by the same request changes nothing, and is announced again', async () => {
      await mark('one');
      const before = [await metadata(), await media()];
      await world.clock.advance(60_000);
      const again = await mark('one', world.stores, new Date(START + 120_000).toISOString());
      expect(again).toMatchObject({ changed: false, fact: 'forget-marked' });
      expect([await metadata(), await media()]).toEqual(before);
    });

    it('by another request moves neither time', async () => {
      await mark('one');
      const before = await media();
      await world.clock.advance(60_000);
      const outcome = await mark('two', world.stores, new Date(START + 120_000).toISOString());
      expect(outcome).toMatchObject({ record: { modifiedAt: later, forgetRequestIds: ['one', 'two'] } });
      expect(await media()).toEqual(before);
    });

    it('stays on it when it is read', async () => {
      await mark('one');
      await changeState(world.stores, '9876', 'm1', { action: 'read', order: { at: later, id: 'e' } }, later);
      expect((await metadata())?.tags).toMatchObject({ forgetme: 'true' });
      expect(await marked()).toEqual(['9876/m1']);
    });

    it('goes by how the message was seen, and by how it is where it was read or deleted since', async () => {
      const seen = (await readMessage(world.stores, '9876', 'm1'))!;
      const markSeen = () => markRecord(world.stores, { mailbox: '9876', messageId: 'm1' }, 'f1', later, seen);
      await changeState(world.stores, '9876', 'm1', { action: 'read', order: { at: later, id: 'e' } }, later);
      expect(await markSeen()).toMatchObject({ changed: true, record: { state: 'old', forgetRequestIds: ['f1'] } });
      expect(await markSeen()).toMatchObject({ changed: false, fact: 'forget-marked' });
      await deleteMessage(world.stores, '9876', 'm1', 'user', later);
      expect(await markSeen()).toMatchObject({ changed: false, fact: null });
    });

    it('goes with a forward, on its metadata and media, where the rule finds it', async () => {
      await mark('one');
      const forwarded = await forwardMessage(world.stores, { mailbox: '9876', messageId: 'm1' }, '42', 'e1', later);
      const id = forwarded!.target!.messageId;
      expect(forwarded).toMatchObject({ target: { forgetMarkedAt: later, forgetRequestIds: ['one'] } });
      const target = await world.stores.master.store.head(metadataKey('t100', '42', id));
      expect([target?.tags, (await europe().head(mediaKey('t100', '42', id, 'wav')))?.tags]).toMatchObject([
        { forgetme: 'true' },
        { forgetme: 'true' },
      ]);
      expect((await marked()).toSorted()).toEqual([`42/${id}`, '9876/m1']);
    });

    it('while it is forwarded reaches the copy of its media', async () => {
      const stores = interrupted(
        'after',
        (operation) => operation === 'copy',
        () => mark('one'),
      );
      const forwarded = await forwardMessage(stores, { mailbox: '9876', messageId: 'm1' }, '42', 'e1', later);
      const key = mediaKey('t100', '42', forwarded!.target!.messageId, 'wav');
      expect(forwarded).toMatchObject({ target: { forgetRequestIds: ['one'] } });
      expect((await europe().head(key))?.tags).toMatchObject({ forgetme: 'true' });
    });

    it('that is not there, or was deleted, marks nothing', async () => {
      expect(await markMessage(world.stores, '9876', 'none', 'one', later)).toBeNull();
      await deleteMessage(world.stores, '9876', 'm1', 'user', later);
      expect(await mark('one')).toMatchObject({ changed: false, fact: null, record: { gone: true } });
      expect(await marked()).toEqual([]);
    });
  });

  describe('taking a mark back', () => {
    it('of the last request leaves no tag and no entry, moves the time, and is to be announced', async () => {
      await mark('one');
      const outcome = await unmark('one', world.stores, now);
      expect(outcome).toMatchObject({
        changed: true,
        fact: 'forget-unmarked',
        record: { revision: 3, modifiedAt: now },
      });
      expect(Object.keys((await metadata())?.tags ?? {})).toEqual(['caller_id']);
      expect(Object.keys((await media())?.tags ?? {})).toEqual(['caller_id']);
      expect(await world.stores.master.store.head(ENTRY)).toBeNull();
      expect(await unmark('one')).toMatchObject({ changed: false, fact: 'forget-unmarked' });
    });

    it('of one request of two leaves the mark', async () => {
      await mark('one');
      await mark('two');
      expect(await unmark('one')).toMatchObject({ changed: true, fact: null });
      expect((await media())?.tags).toMatchObject({ forgetme: 'true' });
      expect(await marked()).toEqual(['9876/m1']);
    });

    it('sees to it that no rule of a store’s own meets the tag on an old time', async () => {
      const orders: string[] = [];
      const stores = world.behind((store) => ({
        ...store,
        tag: (key, tags, options) => {
          orders.push(`${options.order} ${tags['forgetme'] ?? 'none'}`);
          return store.tag(key, tags, options);
        },
      }));
      await mark('one', stores);
      await unmark('one', stores);
      expect(orders).toEqual(['touch-first true', 'tags-first none']);
    });
  });

  describe('marks that meet', () => {
    it('a request that marks while another one is taken back keeps its entry', async () => {
      await mark('one');
      const looksAtEntry = (operation: string, key: string): boolean => operation === 'head' && key === ENTRY;
      for (const isMeant of [
        ...(master === 'Azure' ? [] : [looksAtEntry]),
        (operation: string, key: string) => operation === 'tag' && key === MEDIA,
        (operation: string, key: string) => operation === 'put' && key === METADATA,
      ]) {
        for (const when of ['before', 'after'] as const) {
          await mark('one');
          await unmark(
            'one',
            interrupted(when, isMeant, () => mark('two')),
          );
          expect((await readMessage(world.stores, '9876', 'm1'))?.value.forgetRequestIds).toEqual(['two']);
          expect(await marked()).toEqual(['9876/m1']);
          expect((await media())?.tags).toMatchObject({ forgetme: 'true' });
          await unmark('two');
          expect(await marked()).toEqual([]);
        }
      }
    });

    it('a request that is taken back while its mark is made leaves no tag on the media', async () => {
      for (const isMeant of [
        (operation: string, key: string) => operation === 'put' && key === METADATA,
        (operation: string, key: string) => operation === 'head' && key === MEDIA,
        (operation: string, key: string) => operation === 'tag' && key === MEDIA,
      ]) {
        await mark(
          'one',
          interrupted('after', isMeant, () => unmark('one')),
        );
        expect((await readMessage(world.stores, '9876', 'm1'))?.value.forgetRequestIds).toBeUndefined();
        expect(Object.keys((await media())?.tags ?? {})).toEqual(['caller_id']);
      }
    });

    it('an attempt that died anywhere is completed by its repetition', async () => {
      const dyingAt = (step: number): TenantStores => {
        let steps = 0;
        return world.behind((store) =>
          withFaults(store, () => {
            steps += 1;
            if (steps === step) throw new Error('the process died');
          }),
        );
      };
      const attempts = async (work: (stores: TenantStores) => Promise<unknown>): Promise<number> => {
        for (let step = 1; ; step += 1) {
          const died = await work(dyingAt(step)).then(
            () => false,
            (error: unknown) => {
              expect(error).toMatchObject({ message: 'the process died' });
              return true;
            },
          );
          if (!died) return step;
          await work(world.stores);
          const isMarked = (await readMessage(world.stores, '9876', 'm1'))?.value.forgetMarkedAt !== undefined;
          expect((await media())?.tags['forgetme'] === 'true').toBe(isMarked);
          expect((await metadata())?.tags['forgetme'] === 'true').toBe(isMarked);
          expect(await marked()).toEqual(isMarked ? ['9876/m1'] : []);
        }
      };
      let turns = 0;
      const inTurns = async (stores: TenantStores): Promise<void> => {
        turns += 1;
        await mark(`r${turns}`, stores);
        await unmark(`r${turns}`, stores);
      };
      expect(await attempts((stores) => mark('one', stores))).toBeGreaterThan(3);
      expect(await attempts((stores) => unmark('one', stores))).toBeGreaterThan(1);
      expect(await attempts(inTurns)).toBeGreaterThan(10);
    });
  });

  describe('the marked messages', () => {
    it('are found without a look at any other', async () => {
      for (let index = 0; index < 20; index += 1) {
        await storeDeposit(world.stores, someDeposit({ mailbox: String(index + 1), messageId: 'x' }), now);
      }
      await mark('one');
      const calls: string[] = [];
      const stores = world.behind((store) => observed(store, (operation) => void calls.push(operation), world.clock));
      expect(await marked(stores)).toEqual(['9876/m1']);
      expect(calls).toEqual([master === 'Azure' ? 'find' : 'list', 'get']);
    });

    it('are without the deleted ones, whose entry goes when they are erased', async () => {
      await mark('one');
      const outcome = await deleteMessage(world.stores, '9876', 'm1', 'forgetme', later);
      expect(await marked()).toEqual([]);
      const entry = await world.stores.master.store.head(ENTRY);
      expect(entry === null).toBe(master === 'Azure');
      await eraseMessage(world.stores, outcome!);
      expect(await world.stores.master.store.head(ENTRY)).toBeNull();
    });
  });
});
