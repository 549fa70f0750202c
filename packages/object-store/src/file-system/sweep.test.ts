import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manualClock } from '@voicemail/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryFolder, temporaryStore, type TemporaryStore } from '../testing.ts';
import { fileTree } from './file-tree.ts';

const TEXT = { contentType: 'text/plain' };
const HOUR_MS = 3_600_000;
const clock = manualClock(Date.UTC(2026, 10, 2));
const never = new AbortController().signal;
let made: TemporaryStore;

beforeEach(async () => {
  made = await temporaryStore({ clock }, memoryFolder());
});

afterEach(() => made.dispose());

const left = async (below: string): Promise<string[]> =>
  (await fileTree(made.root)).filter((path) => path.startsWith(below));

describe('a sweep', () => {
  it('takes tombstones away after a day, with the folders that are empty then, and not before', async () => {
    await made.store.put('t100/messages/m1/media.wav', Buffer.alloc(100_000), TEXT);
    await made.store.put('t100/messages/m2/media.wav', Buffer.from('kept'), TEXT);
    await made.store.delete('t100/messages/m1/media.wav');
    await clock.advance(24 * HOUR_MS - 1_000);
    expect(await made.store.sweep(never)).toMatchObject({ tombstones: 0, emptyFolders: 0 });
    expect(await left('t100/messages/m1/')).not.toEqual([]);
    await clock.advance(2_000);
    expect(await made.store.sweep(never)).toMatchObject({ tombstones: 1, emptyFolders: 1 });
    expect(await left('t100/messages/m1')).toEqual([]);
    expect((await made.store.head('t100/messages/m2/media.wav'))?.size).toBe(4);
    await made.store.put('t100/messages/m1/media.wav', Buffer.from('again'), { ...TEXT, condition: { absent: true } });
    expect((await made.store.head('t100/messages/m1/media.wav'))?.size).toBe(5);
  });

  it('takes superseded headers away after a day, but for the last', async () => {
    for (let version = 0; version < 10; version++) await made.store.put('t100/x', Buffer.from(`${version}`), TEXT);
    expect(await made.store.sweep(never)).toMatchObject({ superseded: 0 });
    await clock.advance(25 * HOUR_MS);
    expect(await made.store.sweep(never)).toMatchObject({ superseded: 8 });
    expect(await left('t100/.x~/')).toHaveLength(2);
    const { etag } = (await made.store.head('t100/x')) ?? { etag: '' };
    await made.store.put('t100/x', Buffer.from('next'), { ...TEXT, condition: { etag } });
    expect((await made.store.head('t100/x'))?.size).toBe(4);
  });

  it('takes temporaries and unreferenced data away after an hour, also those of a clock that stood far ahead', async () => {
    await made.store.put('t100/x', Buffer.alloc(100_000), TEXT);
    const now = clock.now();
    const [data = ''] = (await left('t100/.x~/')).filter((path) => path.endsWith('.data'));
    await writeFile(join(made.root, `.tmp/${now}-abc`), 'left');
    await writeFile(join(made.root, `.tmp/${now + 900 * HOUR_MS}-abc`), 'left');
    await writeFile(join(made.root, `t100/.x~/${'ab'.repeat(16)}-${now}.data`), 'left');
    await utimes(join(made.root, `.tmp/${now}-abc`), 0, 0);
    expect(await made.store.sweep(never)).toMatchObject({ temporaries: 1, unreferencedData: 0 });
    await clock.advance(HOUR_MS);
    expect(await made.store.sweep(never)).toMatchObject({ temporaries: 1, unreferencedData: 1 });
    expect((await left('t100/.x~/')).filter((path) => path.endsWith('.data'))).toEqual([data]);
    expect(await left('.tmp/')).toEqual([]);
  });

  it('takes every temporary away at once where nobody else has the volume', async () => {
    await writeFile(join(made.root, `.tmp/${clock.now()}-abc`), 'left');
    expect(await made.store.sweep(never, { temporariesOlderThanMs: 0 })).toMatchObject({ temporaries: 1 });
  });

  it('takes nothing that is not the store’s own', async () => {
    await writeFile(join(made.root, 'README'), 'of the operator');
    await clock.advance(100 * HOUR_MS);
    await made.store.sweep(never);
    expect(await left('README')).toEqual(['README']);
  });

  it('ends when it is told to', async () => {
    await made.store.put('t100/x', Buffer.from('x'), TEXT);
    const reason = new Error('the service stops');
    await expect(made.store.sweep(AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('loses nothing beside writers and deleters of the same keys', { timeout: 60_000 }, async () => {
    const other = await made.reopen();
    const keys = Array.from({ length: 5 }, (_, index) => `t100/folder${index}/object`);
    for (let round = 0; round < 15; round++) {
      await Promise.all(keys.map((key) => made.store.put(key, Buffer.from('old'), TEXT)));
      await Promise.all(keys.map((key) => made.store.delete(key)));
      await clock.advance(25 * HOUR_MS);
      const written = keys.map(async (key) => {
        const { etag } = await made.store.put(key, Buffer.from('new'), { ...TEXT, condition: { absent: true } });
        return etag;
      });
      const swept = [0, 1].map(() => other.sweep(never, { temporariesOlderThanMs: HOUR_MS }));
      const [etags] = await Promise.all([Promise.all(written), Promise.all(swept)]);
      for (const [index, key] of keys.entries()) {
        expect((await other.head(key))?.etag).toBe(etags[index]);
      }
    }
  });
});
