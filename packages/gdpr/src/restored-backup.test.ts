import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { listMarked, readMessage } from '@voicemail/message-store';
import { openWorld } from '@voicemail/message-store/testing';
import { memoryFolder, temporaryStore } from '@voicemail/object-store/testing';
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

type Region = 'westus2' | 'westeurope';

let world: GdprWorld;
let roots: Record<Region, string>;

beforeEach(async () => {
  roots = { westus2: '', westeurope: '' };
  const volume = (name: Region) => async (region: string, clock: GdprWorld['clock']) => {
    const opened = await temporaryStore({ region, clock }, memoryFolder());
    roots[name] = opened.root;
    return opened;
  };
  world = await openGdprWorld(() => openWorld({ westus2: volume('westus2'), westeurope: volume('westeurope') }));
  await world.deposit({ messageId: 'm1', region: 'westus2' });
  await world.deposit({ messageId: 'm2', region: 'westeurope' });
  await world.deposit({ messageId: 'other', region: 'westeurope', callerId: '+15551212999' });
});
afterEach(async () => {
  for (const root of Object.values(roots)) await rm(`${root}-backup`, { recursive: true, force: true });
  await world[Symbol.asyncDispose]();
});

const backup = (region: Region): Promise<void> => cp(roots[region], `${roots[region]}-backup`, { recursive: true });

/** As an administrator does: what is there goes, what was there comes. @param part of the volume; all of it unless told. */
async function restore(region: Region, part = '.'): Promise<void> {
  const [root, from] = [join(roots[region], part), join(`${roots[region]}-backup`, part)];
  // The root itself stays, as a mounted one does.
  for (const name of await readdir(root)) await rm(join(root, name), { recursive: true });
  await cp(from, root, { recursive: true });
}

async function erased(): Promise<void> {
  const at = new Date(world.clock.now()).toISOString();
  const worker = world.worker();
  await worker.gdpr.take(worker.stores, request('f1', 'forgetme', at, CALLER), at);
  await worker.work();
  await world.clock.advance(DAY_MS);
  await worker.rule();
  expect(await worker.request('f1')).toMatchObject({ phase: 'erased' });
  expect(await everyByte(world)).not.toMatch(FORGOTTEN);
}

const FORGOTTEN = /5551212000|121-2000|sound of m1|sound of m2/;

/** A process that starts after the backup was restored. */
async function nextRuns(days: number): Promise<Worker> {
  const worker = world.worker();
  for (let day = 0; day < days; day += 1) {
    await world.clock.advance(DAY_MS);
    await worker.rule();
  }
  return worker;
}

describe('after an erasure, a backup of a volume brings back', () => {
  it('recordings whose messages are gone: the search of the next day deletes them', async () => {
    await backup('westeurope');
    await erased();
    await restore('westeurope');
    expect(await everyByte(world)).toMatch(/sound of m2/);
    await nextRuns(1);
    expect(await everyByte(world)).not.toMatch(FORGOTTEN);
    expect(await everyByte(world)).toMatch(/sound of other/);
  });

  it.each(['the same week', 'after 40 days'])(
    'the mailboxes, beside the ledger as it is, %s: the next search deletes what is there again',
    async (when) => {
      await backup('westus2');
      await erased();
      const days = when === 'the same week' ? 1 : 40;
      await nextRuns(days - 1);
      await restore('westus2', 't100/mailboxes');
      // By then the entries of the index are swept, as the stubs are.
      if (when !== 'the same week') await restore('westus2', 't100/index');
      expect(await everyByte(world)).toMatch(FORGOTTEN);
      const worker = await nextRuns(when === 'the same week' ? 1 : 7);
      expect(await everyByte(world)).not.toMatch(FORGOTTEN);
      expect(await readMessage(worker.stores, '9876', 'other')).not.toBeNull();
      expect(await worker.request('f1')).toMatchObject({ phase: 'erased' });
    },
  );

  it('all of the master region, with a ledger in which the caller was marked: the request is erased again', async () => {
    const at = new Date(world.clock.now()).toISOString();
    const first = world.worker();
    await first.gdpr.take(first.stores, request('f1', 'forgetme', at, CALLER), at);
    await first.work();
    await backup('westus2');
    await erased();
    await restore('westus2');
    const worker = await nextRuns(1);
    expect(await worker.request('f1')).toMatchObject({ phase: 'erased', hasNumbers: false });
    expect(await everyByte(world)).not.toMatch(FORGOTTEN);
  });

  it('all of the master region, with a ledger that knows of no request: it is to be asked for again', async () => {
    await backup('westus2');
    await erased();
    await restore('westus2');
    const worker = await nextRuns(1);
    expect(await worker.request('f1')).toBeUndefined();
    expect(await Array.fromAsync(listMarked(worker.stores))).toEqual([]);
    await erased();
  });
});
