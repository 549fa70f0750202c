import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manualClock } from '@voicemail/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../port.ts';
import { memoryFolder, temporaryStore, type TemporaryStore } from '../testing.ts';
import { steppedFiles } from './stepped-files.ts';

const TEXT = { contentType: 'text/plain' };
const SMALL = Buffer.alloc(64 * 1024);
const LARGE = Buffer.alloc(64 * 1024 + 1);
const KEY = 't100/messages/m1/media.wav';

let made: TemporaryStore;

beforeEach(async () => {
  made = await temporaryStore({ clock: manualClock(0) }, memoryFolder());
  await made.store.put('t100/messages/m0/media.wav', LARGE, TEXT);
  await made.store.put(`${KEY}.beside`, SMALL, TEXT);
});

afterEach(() => made.dispose());

/** How many calls a piece of work makes of the volume: all, and the fsyncs. */
async function cost(work: (store: ObjectStore) => Promise<unknown>): Promise<{ fsyncs: number; calls: number }> {
  let isCounted = false;
  const counts = { fsyncs: 0, calls: 0 };
  const store = await made.reopen({
    files: steppedFiles(({ operation }) => {
      if (!isCounted) return;
      counts.calls += 1;
      if (operation === 'sync') counts.fsyncs += 1;
    }),
  });
  await store.head('t100/none');
  isCounted = true;
  await work(store);
  return counts;
}

describe('the disk is awaited', () => {
  it('for a small put once for the file and once for the folder, for a larger one once more', async () => {
    expect((await cost((store) => store.put(KEY, SMALL, TEXT))).fsyncs).toBe(2);
    expect((await cost((store) => store.put(KEY, SMALL, TEXT))).fsyncs).toBe(2);
    expect((await cost((store) => store.put(KEY, LARGE, TEXT))).fsyncs).toBe(3);
    expect((await cost((store) => store.delete(KEY))).fsyncs).toBe(2);
    expect((await cost((store) => store.copy('t100/messages/m0/media.wav', KEY))).fsyncs).toBe(2);
  });

  it('once more for each folder that has to be made, and never for a read', async () => {
    expect((await cost((store) => store.put('t100/messages/m2/media.wav', SMALL, TEXT))).fsyncs).toBe(3);
    expect((await cost((store) => store.put('t100/a/b/c', SMALL, TEXT))).fsyncs).toBe(4);
    expect((await cost((store) => store.get(KEY))).fsyncs).toBe(0);
    expect((await cost((store) => store.head(`${KEY}.beside`))).fsyncs).toBe(0);
  });
});

describe('the calls of one operation', () => {
  it('look for files that others laid below the staging prefix alone', async () => {
    const calls = async (work: (store: ObjectStore) => Promise<unknown>): Promise<number> => (await cost(work)).calls;
    const ordinary = await calls((store) => store.delete('t100/none'));
    expect(await calls((store) => store.delete('staging/none'))).toBe(ordinary + 1);
    const list = await calls((store) => Array.fromAsync(store.list('t100/messages/m0/')));
    await writeFile(join(made.root, 't100/messages/m0/laid'), 'x');
    expect(await calls((store) => Array.fromAsync(store.list('t100/messages/m0/')))).toBe(list);
  });

  it('are as many with many objects in the folder and many versions of the object', async () => {
    const measured = async (): Promise<unknown> => [
      await cost((store) => store.put('t100/messages/m1/fresh', SMALL, TEXT)),
      await cost((store) => store.put(`${KEY}.beside`, SMALL, TEXT)),
      await cost((store) => store.head(`${KEY}.beside`)),
      await cost((store) => store.get('t100/messages/m0/media.wav')),
      await cost((store) => store.delete('t100/messages/m1/fresh')),
    ];
    for (let version = 0; version < 20; version++) await made.store.put(`${KEY}.beside`, SMALL, TEXT);
    await made.store.put('t100/messages/m1/fresh', SMALL, TEXT);
    await made.store.delete('t100/messages/m1/fresh');
    const few = await measured();
    for (let other = 0; other < 300; other++) {
      await made.store.put(`t100/messages/m1/other-${other}`, Buffer.from('x'), TEXT);
      await made.store.put(`${KEY}.beside`, Buffer.from('x'), TEXT);
    }
    await made.store.put(`${KEY}.beside`, SMALL, TEXT);
    expect(await measured()).toEqual(few);
  });
});
