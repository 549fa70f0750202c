import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { manualClock } from '@voicemail/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryFolder, temporaryStore, type TemporaryStore } from '../testing.ts';
import { steppedFiles, type FileStep } from './stepped-files.ts';

const TEXT = { contentType: 'text/plain' };
const KEY = 't100/lease';
const DAY_MS = 24 * 3_600_000;
const clock = manualClock(Date.UTC(2026, 10, 2));
let made: TemporaryStore;

beforeEach(async () => {
  made = await temporaryStore({ clock }, memoryFolder());
});

afterEach(() => made.dispose());

/** A writer, a process of its own, that is stopped right before a step and goes on when it is told to. */
async function stoppedBefore(
  isThere: (step: FileStep) => boolean,
  work: (store: TemporaryStore['store']) => Promise<unknown>,
): Promise<{ readonly goOn: () => Promise<unknown> }> {
  const stopped = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let isArmed = true;
  const store = await made.reopen({
    files: steppedFiles(async (step) => {
      if (!isArmed || !isThere(step)) return;
      isArmed = false;
      stopped.resolve();
      await released.promise;
    }),
  });
  const done = work(store).catch((error: unknown) => error);
  await stopped.promise;
  return {
    goOn: () => {
      released.resolve();
      return done;
    },
  };
}

const claiming = ({ operation, path }: FileStep): boolean =>
  operation === 'link' && path.includes('/.lease~/') && !path.endsWith('.data');

const afterClaim = ({ operation, path }: FileStep): boolean => operation === 'open' && path.endsWith('/.lease~');

const textOf = async (store: TemporaryStore['store']): Promise<string | null> => {
  const reader = await store.get(KEY);
  return reader === null ? null : Buffer.concat(await Array.fromAsync(reader.body)).toString();
};

const claims = (): Promise<string[]> => readdir(join(made.root, 't100/.lease~'));

describe('a writer that slept between its look and its claim', () => {
  it.each([
    ['a small body', Buffer.from('slow')],
    ['a large body', Buffer.alloc(100_000, 'slow')],
  ])('has lost when its number was claimed, and then cleaned away: %s', async (_, body) => {
    const { etag } = await made.store.put(KEY, Buffer.from('0'), TEXT);
    const slow = await stoppedBefore(claiming, (store) => store.put(KEY, body, { ...TEXT, condition: { etag } }));
    for (let version = 1; version <= 40; version++) await made.store.put(KEY, Buffer.from(`${version}`), TEXT);
    expect(await slow.goOn()).toMatchObject({ kind: 'condition-failed' });
    expect(await textOf(made.store)).toBe('40');
    expect((await claims()).length).toBe(16);
  });

  it('has lost when its number is taken', async () => {
    const { etag } = await made.store.put(KEY, Buffer.from('0'), TEXT);
    const slow = await stoppedBefore(claiming, (store) =>
      store.put(KEY, Buffer.from('slow'), { ...TEXT, condition: { etag } }),
    );
    await made.store.put(KEY, Buffer.from('1'), TEXT);
    expect(await slow.goOn()).toMatchObject({ kind: 'condition-failed' });
    expect(await textOf(made.store)).toBe('1');
  });

  it('has lost when the object was deleted and all of it cleaned away, whether it was made again or not', async () => {
    for (const again of [false, true]) {
      await made.store.put(KEY, Buffer.from('0'), TEXT);
      await made.store.delete(KEY);
      const slow = await stoppedBefore(claiming, (store) =>
        store.put(KEY, Buffer.from('slow'), { ...TEXT, condition: { absent: true } }),
      );
      await clock.advance(2 * DAY_MS);
      await made.store.sweep(new AbortController().signal, { temporariesOlderThanMs: 10 * DAY_MS });
      if (again) await made.store.put(KEY, Buffer.from('again'), TEXT);
      const end = await slow.goOn();
      if (again) expect(end).toMatchObject({ kind: 'condition-failed' });
      else expect(end).toMatchObject({ size: 4 });
      expect(await textOf(made.store)).toBe(again ? 'again' : 'slow');
      await made.store.delete(KEY);
    }
  });

  it('goes again when another folder of versions is where it was going to add one, and its write has no condition', async () => {
    await made.store.put(KEY, Buffer.from('0'), TEXT);
    await made.store.delete(KEY);
    const slow = await stoppedBefore(claiming, (store) => store.put(KEY, Buffer.from('slow'), TEXT));
    await clock.advance(2 * DAY_MS);
    await made.store.sweep(new AbortController().signal, { temporariesOlderThanMs: 10 * DAY_MS });
    await made.store.put(KEY, Buffer.from('again'), TEXT);
    expect(await slow.goOn()).toMatchObject({ size: 4 });
    expect(await textOf(made.store)).toBe('slow');
    expect(await claims()).toHaveLength(2);
    await made.store.put(KEY, Buffer.from('more'), TEXT);
    expect(await textOf(made.store)).toBe('more');
  });

  it('makes the folder again that a sweep took because it was empty', async () => {
    const beginning = ({ operation, path }: FileStep): boolean => operation === 'rename' && path.endsWith('/.lease~');
    const slow = await stoppedBefore(beginning, (store) => store.put(KEY, Buffer.from('slow'), TEXT));
    const emptied = await made.store.sweep(new AbortController().signal);
    expect(emptied).toMatchObject({ emptyFolders: 1, temporaries: 0 });
    expect(await slow.goOn()).toMatchObject({ size: 4 });
    expect(await textOf(made.store)).toBe('slow');
  });

  it('says that it cannot tell when it slept after its claim while more came than are remembered', async () => {
    await made.store.put(KEY, Buffer.from('0'), TEXT);
    const slow = await stoppedBefore(afterClaim, (store) => store.put(KEY, Buffer.from('slow'), TEXT));
    for (let version = 1; version <= 40; version++) await made.store.put(KEY, Buffer.from(`${version}`), TEXT);
    expect(await slow.goOn()).toMatchObject({ kind: 'busy' });
    expect(await textOf(made.store)).toBe('40');
  });

  it('has won when its claim was first, however many came after it', async () => {
    await made.store.put(KEY, Buffer.from('0'), TEXT);
    const slow = await stoppedBefore(afterClaim, (store) => store.put(KEY, Buffer.from('slow'), TEXT));
    for (let version = 1; version <= 15; version++) await made.store.put(KEY, Buffer.from(`${version}`), TEXT);
    expect(await slow.goOn()).toMatchObject({ size: 4 });
    expect(await textOf(made.store)).toBe('15');
  });
});

describe('a reader that slept', () => {
  const reading = ({ operation, path }: FileStep): boolean => operation === 'open' && /\/\.lease~\/[^/]+$/.test(path);

  it('finds the present version when the one it had seen was superseded and cleaned away', async () => {
    await made.store.put(KEY, Buffer.from('0'), TEXT);
    const slow = await stoppedBefore(reading, textOf);
    for (let version = 1; version <= 40; version++) await made.store.put(KEY, Buffer.from(`${version}`), TEXT);
    expect(await slow.goOn()).toBe('40');
  });

  it('finds nothing when it was deleted', async () => {
    await made.store.put(KEY, Buffer.alloc(100_000), TEXT);
    const slow = await stoppedBefore(reading, textOf);
    await made.store.delete(KEY);
    expect(await slow.goOn()).toBeNull();
  });

  it('leaves no plain copy of what was deleted while it was repairing it', async () => {
    await made.store.put(KEY, Buffer.from('MARKED'), TEXT);
    const plain = join(made.root, KEY);
    await rm(plain);
    const repairing = ({ operation, path }: FileStep): boolean => operation === 'rename' && path === plain;
    const slow = await stoppedBefore(repairing, (store) => store.head(KEY));
    await made.store.delete(KEY);
    await slow.goOn();
    expect(await readdir(join(made.root, 't100'))).toEqual(['.lease~']);
  });

  it('leaves no plain copy of an older version over that of a newer one', async () => {
    const plain = join(made.root, KEY);
    const showing = ({ operation, path }: FileStep): boolean => operation === 'rename' && path === plain;
    const slow = await stoppedBefore(showing, (store) => store.put(KEY, Buffer.from('older'), TEXT));
    await made.store.put(KEY, Buffer.from('newer'), TEXT);
    await slow.goOn();
    expect(await readFile(plain, 'utf8')).toBe('newer');
  });
});
