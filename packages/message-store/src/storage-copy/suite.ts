import { isStub, type MessageRecord } from '@voicemail/domain';
import { afterEach, describe, expect, it } from 'vitest';
import { claimMasterRegion } from '../claim-master-region.ts';
import { listDeadLetters } from '../dead-letters.ts';
import { writeJson } from '../json-document.ts';
import { callerHashCheckKey } from '../keys.ts';
import { readMailbox } from '../mailbox-settings.ts';
import { listMarked } from '../mark-index.ts';
import { markOf } from '../master-mark.ts';
import { listMailboxes, listRecords, openMedia } from '../read-message.ts';
import { searchCaller } from '../search-caller.ts';
import {
  allContent,
  CALLER,
  contentOf,
  fill,
  keepLetterIn,
  openCopyWorld,
  type CopyWorld,
  type CopyWorldOptions,
} from './world.ts';
import type { TenantStores } from '../tenant-stores.ts';
import { collect } from '../test-world.ts';
import { WrongMasterRegion } from '../wrong-master-region.ts';

/** How the stores of the two regions are opened. */
type Kinds = () => Pick<CopyWorldOptions, 'source' | 'target'>;

/** What a copy of the storage does, between stores of any two kinds. */
export function storageCopySuite(name: string, kinds: Kinds): void {
  describe(`a copy of the storage ${name}`, () => cases(kinds));
}

function cases(kinds: Kinds): void {
  let world: CopyWorld;
  const open = async (master: 'source' | 'home'): Promise<CopyWorld> => {
    world = await openCopyWorld({ ...kinds(), master });
    await fill(world.stores);
    return world;
  };
  afterEach(() => world[Symbol.asyncDispose]());

  describe('beside running services', () => {
    it('moves every recording, and changes nothing else of the messages', async () => {
      const { stores, copy } = await open('home');
      const before = await records(stores);
      const report = await copy();
      expect(report).toMatchObject({ moved: 5, failed: 0, isHandedOver: false, phase: 'done' });
      expect(report.left).toEqual({ recordings: 0, unfinished: 0, staged: 0, deadLetters: 0, isMaster: false });
      const moved = before.map((record) =>
        isStub(record) || record.region !== 'source' ? record : { ...record, region: 'target' },
      );
      expect(await records(stores)).toEqual(moved);
      await expectRecordings(stores);
    });

    it('leaves nothing in the source, in no index either', async () => {
      const { stores, copy } = await open('home');
      await copy();
      expect(await contentOf(stores, 'source')).toEqual({});
      for (const { store } of stores.regions) {
        for await (const { key } of store.list('t100/index/caller_id/')) {
          const reader = await store.get(key);
          expect(Buffer.concat(await collect(reader!.body)).toString()).not.toContain('source');
        }
      }
    });

    it('loses no tag and no entry: callers and marks are found as before', async () => {
      const { stores, copy } = await open('home');
      await copy();
      await expectFound(stores);
    });

    it('that is run again changes nothing', async () => {
      const { stores, copy } = await open('home');
      await copy();
      const first = await allContent(stores);
      expect(await copy()).toMatchObject({ moved: 0, leftovers: 0, entries: 0, pass: 1 });
      expect(await allContent(stores)).toEqual(first);
    });

    it('moves the recordings of a master region too, and its documents stay', async () => {
      const { stores, copy } = await open('source');
      await keepLetterIn(stores, 'source');
      const report = await copy();
      expect(report).toMatchObject({ moved: 5, failed: 0, isHandedOver: false });
      expect(report.left).toMatchObject({ recordings: 0, deadLetters: 1, isMaster: true });
      await claimMasterRegion(stores, false);
      await expectRecordings(stores);
      await expectFound(stores, true);
      await expect(claimMasterRegion(world.withMaster('target'), false)).rejects.toThrow(WrongMasterRegion);
    });
  });

  describe('while nothing else runs', () => {
    it('hands the master region over, with everything', async () => {
      const { stores, copy, withMaster } = await open('source');
      await keepLetterIn(stores, 'source');
      const before = await records(stores);
      const settings = await readMailbox(stores, '9876');
      const report = await copy(stores, { isAlone: true });
      expect(report).toMatchObject({ moved: 5, deadLetters: 1, failed: 0, isHandedOver: true });
      expect(report.left).toEqual({ recordings: 0, unfinished: 0, staged: 0, deadLetters: 0, isMaster: false });
      const after = withMaster('target');
      await claimMasterRegion(after, false);
      await expect(claimMasterRegion(stores, false)).rejects.toThrow(/was moved to region target/);
      expect(await records(after)).toEqual(
        before.map((record) =>
          isStub(record) || record.region !== 'source' ? record : { ...record, region: 'target' },
        ),
      );
      expect(await readMailbox(after, '9876')).toEqual(settings);
      await expectRecordings(after);
      await expectFound(after, true);
      expect(Object.keys(await contentOf(after, 'source'))).toEqual(['t100/caller-hash-check.json']);
    });

    it('hands over which caller-hash keys there were before', async () => {
      const { stores, copy, withMaster } = await open('source');
      const was = await markOf(stores, stores.master.store);
      const mark = { checkValue: was?.value.checkValue, formerCheckValues: ['of a key before'] };
      await writeJson(stores.master.store, callerHashCheckKey('t100'), mark, { etag: was!.etag });
      await copy(stores, { isAlone: true });
      const there = withMaster('target');
      expect((await markOf(there, there.master.store))?.value).toEqual(mark);
    });

    it('goes on whichever master region the tenants’ file names by then, and can go back', async () => {
      const { stores, copy, withMaster } = await open('source');
      await copy(withMaster('target'), { isAlone: true });
      const there = withMaster('target');
      await claimMasterRegion(there, false);
      const back = await copy(there, { isAlone: true, from: 'target', to: 'source' });
      expect(back).toMatchObject({ moved: 5, isHandedOver: true });
      await claimMasterRegion(stores, false);
      await expect(claimMasterRegion(there, false)).rejects.toThrow(WrongMasterRegion);
      await expectRecordings(stores);
      await expectFound(stores);
    });

    it('brings the dead letters of a region that is not the master', async () => {
      const { stores, copy } = await open('home');
      await keepLetterIn(stores, 'source');
      expect((await copy()).left).toMatchObject({ deadLetters: 1 });
      expect(await copy(stores, { isAlone: true })).toMatchObject({ deadLetters: 1, isHandedOver: false });
      expect(await contentOf(stores, 'source')).toEqual({});
      await expectFound(stores, true);
      expect((await markOf(stores, stores.master.store))?.value.handedOverTo).toBeUndefined();
    });
  });
}

async function records(stores: TenantStores): Promise<MessageRecord[]> {
  const all: MessageRecord[] = [];
  for await (const mailbox of listMailboxes(stores)) {
    for await (const { value } of listRecords(stores, mailbox)) all.push(value);
  }
  return all;
}

/** Every message has its recording where its metadata says. */
async function expectRecordings(stores: TenantStores): Promise<void> {
  for (const record of await records(stores)) {
    if (isStub(record)) continue;
    const { body } = await openMedia(stores, record);
    expect(Buffer.concat(await collect(body)).toString()).toBe('RIFF some sound');
  }
}

async function expectFound(stores: TenantStores, withLetter = false): Promise<void> {
  const hits = await collect(searchCaller(stores, CALLER));
  const letters = withLetter ? [expect.stringMatching(/^dead-letters\/voicemail\.deposits-0-3-/)] : [];
  const names = hits.map(({ owner, id }) => `${owner}/${id}`).toSorted();
  expect(names).toEqual(['42/elsewhere', '42/marked', '9876/new', '9876/read', ...letters]);
  for (const hit of hits) expect(hit.places, `${hit.owner}/${hit.id} lies in one place`).toHaveLength(1);
  const british = await collect(searchCaller(stores, '+442079460018'));
  expect(british.map(({ id }) => id)).toEqual(['british']);
  expect((await collect(listMarked(stores))).map(({ value }) => value.messageId)).toEqual(['marked']);
  const home = { tenant: stores, deployment: stores.master.store };
  expect(await collect(listDeadLetters(home))).toHaveLength(letters.length);
}
