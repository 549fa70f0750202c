import { lstat, mkdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manualClock, systemClock } from '@voicemail/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryFolder, temporaryStore, type TemporaryStore } from '../testing.ts';
import { filesHolding } from './file-tree.ts';
import { steppedFiles } from './stepped-files.ts';

const HOUR_MS = 3_600_000;
const DAYS_MS = 240 * HOUR_MS;
/** The volume says by its own clock when a file was moved; here that is days ago. */
const NOW = Math.floor(systemClock().now()) + DAYS_MS;
const clock = manualClock(NOW);
let made: TemporaryStore;

beforeEach(async () => {
  made = await temporaryStore({ clock }, memoryFolder());
  await mkdir(join(made.root, 'staging/t100'), { recursive: true });
  await mkdir(join(made.root, 't100'), { recursive: true });
});
afterEach(() => made.dispose());

const KEY = 'staging/t100/long.wav';

/** Lays a file as a publisher does; it was last written that long ago. Gives the time at which it came there. */
async function lay(key: string, text: string, ageMs = 0): Promise<number> {
  const path = join(made.root, key);
  await writeFile(path, text);
  const at = new Date(NOW - ageMs);
  await utimes(path, at, at);
  return Math.floor((await stat(path)).ctimeMs);
}
const listed = (prefix: string) => Array.fromAsync(made.store.list(prefix));
const keysIn = async (prefix: string) => (await listed(prefix)).map(({ key }) => key);

describe('a file that a publisher laid below the staging prefix', () => {
  it('is an object like any other from the first look on', async () => {
    await writeFile(join(made.root, KEY), 'a long sound');
    const looks = await Promise.all([made.store.head(KEY), made.store.head(KEY)]);
    expect(looks).toMatchObject([{ size: 12 }, { size: 12 }]);
    await made.store.copy(KEY, 't100/mailboxes/1/media.wav');
    expect((await made.store.head('t100/mailboxes/1/media.wav'))?.size).toBe(12);
    expect(await made.store.delete(KEY)).toBe(true);
    expect(await made.store.head(KEY)).toBeNull();
  });

  it('is not one where it is a link to a file outside, a folder, or gone', async () => {
    await symlink('/etc/hostname', join(made.root, KEY));
    await expect(made.store.head(KEY)).rejects.toMatchObject({ name: 'StoreError' });
    await rm(join(made.root, KEY));
    expect(await made.store.head(KEY)).toBeNull();
    expect(await made.store.head('staging/t100')).toBeNull();
  });
});

describe('a file there that nobody has looked at', () => {
  it('is deleted, and cannot be had afterwards', async () => {
    await lay(KEY, 'a long sound');
    expect(await made.store.delete(KEY)).toBe(true);
    expect(await filesHolding(made.root, 'a long sound')).toEqual([]);
    expect(await made.store.head(KEY)).toBeNull();
    expect(await made.store.delete(KEY)).toBe(false);
  });

  it('is deleted as well where one of its name was deleted before', async () => {
    await made.store.put(KEY, Buffer.from('the first'), { contentType: 'audio/wav' });
    await made.store.delete(KEY);
    await lay(KEY, 'a second sound');
    expect(await made.store.delete(KEY)).toBe(true);
    expect(await filesHolding(made.root, 'a second sound')).toEqual([]);
  });

  it('has no version that a condition could name', async () => {
    await lay(KEY, 'a long sound');
    await expect(made.store.delete(KEY, { etag: 'abc' })).rejects.toMatchObject({ kind: 'condition-failed' });
    expect(await readFile(join(made.root, KEY), 'utf8')).toBe('a long sound');
  });

  it('goes as a link alone: what the link names is not the store’s', async () => {
    const outside = join(made.root, '..', 'outside');
    await writeFile(outside, 'not ours');
    await symlink(outside, join(made.root, KEY));
    expect(await keysIn('staging/')).toEqual([]);
    expect(await made.store.delete(KEY)).toBe(true);
    await expect(lstat(join(made.root, KEY))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readFile(outside, 'utf8')).toBe('not ours');
  });

  it('does not come back by a reader that was taking it in as it was deleted', async () => {
    await lay(KEY, 'a long sound');
    let isDeleted = false;
    const reader = await made.reopen({
      files: steppedFiles(async ({ operation, path }) => {
        // It has been read, and is about to become an object.
        if (operation !== 'mkdir' || !path.includes('/.tmp/') || isDeleted) return;
        isDeleted = true;
        expect(await made.store.delete(KEY)).toBe(true);
      }),
    });
    expect(await reader.head(KEY)).toBeNull();
    expect(isDeleted).toBe(true);
    expect(await made.store.head(KEY)).toBeNull();
    expect(await filesHolding(made.root, 'a long sound')).toEqual([]);
  });

  it('is listed among the objects, once, with its own size and the time at which it came there', async () => {
    const cameAt = await lay('staging/t100/b%2B1.wav', 'a long sound', 2 * DAYS_MS);
    await lay('staging/t100/d', 'seen');
    await made.store.head('staging/t100/d');
    await made.store.put('staging/t100/a', Buffer.from('x'), { contentType: 'text/plain' });
    await made.store.put('staging/t100/c/x', Buffer.from('x'), { contentType: 'text/plain' });
    const found = { key: 'staging/t100/b+1.wav', size: 12, lastModified: cameAt };
    expect((await listed('staging/t100/'))[1]).toEqual(found);
    const keys = ['a', 'b+1.wav', 'c/x', 'd'].map((name) => `staging/t100/${name}`);
    expect(await keysIn('staging/t100/')).toEqual(keys);
    expect(await keysIn('')).toEqual(keys);
  });

  it('has the time at which it was last written where that is later', async () => {
    await lay(KEY, 'a long sound', HOUR_MS);
    expect(await made.store.head(KEY)).toMatchObject({ lastModified: NOW - HOUR_MS });
  });

  it.each([12, 200_000])('of %i bytes keeps that time as it is taken in', async (size) => {
    const lastModified = await lay(KEY, 'x'.repeat(size), 2 * DAYS_MS);
    expect(await made.store.head(KEY)).toMatchObject({ size, lastModified });
    expect(await listed('staging/')).toEqual([{ key: KEY, size, lastModified }]);
    await made.store.sweep(new AbortController().signal);
    const reader = await made.store.get(KEY);
    expect(Buffer.concat(await Array.fromAsync(reader?.body ?? []))).toHaveLength(size);
  });

  it('is of now where its time is yet to come', async () => {
    await lay(KEY, 'a long sound', -HOUR_MS);
    expect(await made.store.head(KEY)).toMatchObject({ lastModified: NOW });
  });

  it('is not listed under a name that no key has', async () => {
    for (const name of ['.part', 'a b', 'a%41', '%2E.', 'a%00', 'b~']) await lay(`staging/t100/${name}`, 'x');
    expect(await keysIn('staging/')).toEqual([]);
  });
});

it('a file that somebody laid anywhere else is none', async () => {
  await writeFile(join(made.root, 't100/metadata.json'), '{}');
  expect(await made.store.head('t100/metadata.json')).toBeNull();
  expect(await made.store.delete('t100/metadata.json')).toBe(false);
  expect(await keysIn('')).toEqual([]);
  expect(await readFile(join(made.root, 't100/metadata.json'), 'utf8')).toBe('{}');
});
