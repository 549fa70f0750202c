import { isStub } from '@voicemail/domain';
import { listMarked, readRecord } from '@voicemail/message-store';
import { EVERY_KIND, onStores } from '@voicemail/message-store/testing';
import { isWhole } from '@voicemail/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  CALLER,
  DAY_MS,
  openGdprWorld,
  request,
  type GdprWorld,
  type Worker,
  everyByte,
} from './testing/gdpr-world.ts';

const OTHER = '+15551212999';
const MARKED = ['m1', 'm2'];

let world: GdprWorld;
let worker: Worker;

/** What a lifecycle rule of the store's own does: whatever has the tag goes, without a word to anybody. */
async function ownRuleDeletes(what: (key: string) => boolean): Promise<void> {
  let deleted = 0;
  for (const { store } of world.world.stores.regions) {
    for await (const { key } of store.list('t100/mailboxes/')) {
      if (!what(key) || (await store.head(key))?.tags['forgetme'] !== 'true') continue;
      await store.delete(key);
      deleted += 1;
    }
  }
  expect(deleted).toBeGreaterThan(0);
}

const isMetadata = (key: string): boolean => key.endsWith('/metadata.json');
const recordOf = async (messageId: string) => (await readRecord(world.world.stores, '9876', messageId))?.value;

/** Of messages that stood there, how many objects or versions a store still keeps. */
async function kept(): Promise<number> {
  let count = 0;
  for (const { store } of world.world.stores.regions) {
    if (!store.capabilities.keepsReplaced) continue;
    for (const messageId of MARKED) {
      for (const name of ['metadata.json', 'media.wav']) {
        const { erased, left } = await store.purge(`t100/mailboxes/9876/messages/${messageId}/${name}`);
        count += erased + left.length;
      }
    }
  }
  return count;
}

const CASES: readonly (readonly [string, (key: string) => boolean])[] = [
  ['the recordings', (key) => !isMetadata(key)],
  ['the metadata', isMetadata],
  ['all of it', () => true],
  ['the recording in one region', (key) => key.includes('/m2/') && !isMetadata(key)],
  ['all of one message', (key) => key.includes('/m1/')],
];

onStores(
  'a lifecycle rule of the store’s own that was first',
  [...EVERY_KIND, ['S3 with versions', 'S3 with versions']],
  (open, [kind]) => {
    // On servers, where each takes seconds, one in the short form.
    const cases = isWhole() || kind === 'volume' ? CASES : CASES.filter(([name]) => name === 'all of it');
    beforeEach(async () => {
      world = await openGdprWorld(open);
      worker = world.worker();
      await world.deposit({ messageId: 'm1', region: 'westus2' });
      await world.deposit({ messageId: 'm2', region: 'westeurope' });
      await world.deposit({ messageId: 'other', callerId: OTHER });
      const at = new Date(world.clock.now()).toISOString();
      await worker.gdpr.take(worker.stores, request('f1', 'forgetme', at, CALLER), at);
      await worker.work();
      await world.clock.advance(DAY_MS);
    });
    afterEach(() => world[Symbol.asyncDispose]());

    describe.each(cases)('and took %s', (_name, what) => {
      it('is followed by ours: nothing is left, the request is erased, the lamps are told, and nobody else’s is touched', async () => {
        await ownRuleDeletes(what);
        await worker.rule();
        expect(await worker.request('f1')).toMatchObject({ phase: 'erased', intents: [], hasNumbers: false });
        expect(await Array.fromAsync(listMarked(world.world.stores))).toEqual([]);
        const all = await everyByte(world);
        expect(all).not.toMatch(/5551212000|121-2000|sound of m1|sound of m2|index\/forgetme/);
        expect(all).toMatch(/sound of other/);
        expect(await kept()).toBe(0);

        const told = await world.facts('deleted');
        for (const messageId of MARKED) {
          const record = await recordOf(messageId);
          // What a store that searches by tags lost without a trace is found by the reconciler alone.
          if (record === undefined) {
            expect(world.world.stores.master.store.capabilities.tagSearch).toBe(true);
            continue;
          }
          expect(isStub(record) && record.reason).toBe('forgetme');
          // Later than any revision that the message had: whoever counts messages believes it.
          expect(record.revision).toBeGreaterThan(2);
          expect([...told].filter((id) => id.includes(`/${messageId}/`))).toEqual([
            `t100/9876/${messageId}/${record.revision}/deleted`,
          ]);
        }
      });
    });
  },
);
