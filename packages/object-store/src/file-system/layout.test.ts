import { lstat, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manualClock } from '@voicemail/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryStore, type TemporaryStore } from '../testing.ts';
import { fileTree, filesHolding } from './file-tree.ts';

const START_MS = Date.UTC(2026, 10, 2, 9, 59, 0, 123);
const WHERE = 't100/mailboxes/9876/messages/m1';
const clock = manualClock(START_MS);
let made: TemporaryStore;

beforeEach(async () => {
  made = await temporaryStore({ clock });
});

afterEach(() => made.dispose());

describe('the plain copy of an object', () => {
  it.each([10, 200_000])('of %i bytes holds exactly the object’s bytes under its key, with its time', async (size) => {
    for (const fill of ['first', 'second']) {
      await clock.advance(60_000);
      await made.store.put(`${WHERE}/media.wav`, Buffer.alloc(size, fill), {
        contentType: 'audio/wav',
        tags: { caller_id: 'c' },
      });
      const { lastModified } = (await made.store.head(`${WHERE}/media.wav`)) ?? {};
      expect(lastModified).toBe(clock.now());
      expect((await readFile(join(made.root, WHERE, 'media.wav'))).equals(Buffer.alloc(size, fill))).toBe(true);
      expect(Math.floor((await stat(join(made.root, WHERE, 'media.wav'))).mtimeMs)).toBe(lastModified);
    }
  });

  it.each([10, 200_000])('of %i bytes is repaired by the next reader, whatever was done to it', async (size) => {
    const path = join(made.root, WHERE, 'media.wav');
    const body = Buffer.alloc(size, 'voice');
    await made.store.put(`${WHERE}/media.wav`, body, { contentType: 'audio/wav' });
    await rm(path);
    await made.store.head(`${WHERE}/media.wav`);
    expect((await readFile(path)).equals(body)).toBe(true);
    await rm(path);
    await writeFile(path, 'other');
    await (await made.store.get(`${WHERE}/media.wav`))?.body[Symbol.asyncIterator]().return?.();
    expect((await readFile(path)).equals(body)).toBe(true);
    await made.store.delete(`${WHERE}/media.wav`);
    await writeFile(path, 'left behind');
    expect(await made.store.head(`${WHERE}/media.wav`)).toBeNull();
    await expect(lstat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('of a large one costs no room of its own, nor does a copy', async () => {
    await made.store.put(`${WHERE}/media.wav`, Buffer.alloc(200_000), { contentType: 'audio/wav' });
    await made.store.copy(`${WHERE}/media.wav`, 't100/copy/media.wav');
    const [one, two] = await Promise.all([
      stat(join(made.root, WHERE, 'media.wav')),
      stat(join(made.root, 't100/copy/media.wav')),
    ]);
    expect(one.ino).toBe(two.ino);
    expect(one.nlink).toBe(4);
  });

  it('need not be there for a key below the object to be refused', async () => {
    await made.store.put('t100/a', Buffer.from('object'), { contentType: 'text/plain' });
    await rm(join(made.root, 't100/a'));
    const below = made.store.put('t100/a/b', Buffer.from('x'), { contentType: 'text/plain' });
    await expect(below).rejects.toMatchObject({ kind: 'invalid-key' });
    expect((await made.store.head('t100/a'))?.size).toBe(6);
    expect(await readFile(join(made.root, 't100/a'), 'utf8')).toBe('object');
  });

  it('that cannot be repaired is reported, and the object is read all the same', async () => {
    await made.store.put(`${WHERE}/media.wav`, Buffer.from('voice'), { contentType: 'audio/wav' });
    const reported: string[] = [];
    const store = await made.reopen({ onRepairFailed: ({ message }) => reported.push(message) });
    await rm(join(made.root, WHERE, 'media.wav'));
    await store.check();
    await rm(join(made.root, '.tmp'), { recursive: true });
    expect((await store.head(`${WHERE}/media.wav`))?.size).toBe(5);
    expect(reported).toEqual([expect.stringContaining(`repair ${WHERE}/media.wav`)]);
  });
});

describe('what is superseded or deleted', () => {
  it.each([20, 100_000])('of %i bytes is on the volume no more: neither body nor tags', async (size) => {
    const caller = { contentType: 'audio/wav', tags: { caller_id: 'MARKED-CALLER' } };
    await made.store.put(`${WHERE}/media.wav`, Buffer.alloc(size, 'MARKED-VOICE'), caller);
    expect(await filesHolding(made.root, 'MARKED-')).not.toEqual([]);
    await made.store.put(`${WHERE}/media.wav`, Buffer.from('stub'), { contentType: 'text/plain' });
    expect(await filesHolding(made.root, 'MARKED-')).toEqual([]);
    await made.store.put(`${WHERE}/media.wav`, Buffer.alloc(size, 'MARKED-VOICE'), caller);
    await made.store.delete(`${WHERE}/media.wav`);
    expect(await filesHolding(made.root, 'MARKED-')).toEqual([]);
    expect((await fileTree(made.root)).filter((path) => path.endsWith('.data'))).toEqual([]);
  });

  it('leaves no more than the last 16 headers', async () => {
    for (let version = 0; version < 60; version++) {
      await made.store.put('t100/lease', Buffer.from(`${version}`), { contentType: 'text/plain' });
    }
    expect((await fileTree(made.root)).filter((path) => path.startsWith('t100/.lease~/'))).toHaveLength(16);
  });
});

describe('times', () => {
  it('are the clock’s, and differ between versions of one moment', async () => {
    const put = async (): Promise<number | undefined> => {
      await made.store.put('t100/x', Buffer.from('same'), { contentType: 'text/plain' });
      return (await made.store.head('t100/x'))?.lastModified;
    };
    const first = clock.now();
    expect(await put()).toBe(first);
    expect(await put()).toBe(first + 1);
    expect(await put()).toBe(first + 2);
    clock.jumpWall(-3_600_000);
    expect(await put()).toBe(clock.now());
  });
});
