import { readdir, truncate, unlink, open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryFolder, temporaryStore, type TemporaryStore } from '../testing.ts';

const WAV = { contentType: 'audio/wav' };
let made: TemporaryStore;

beforeEach(async () => {
  made = await temporaryStore({}, memoryFolder());
});

afterEach(() => made.dispose());

async function fileOf(key: string, ending: RegExp): Promise<string> {
  const folder = join(made.root, `.${key}~`);
  return join(folder, (await readdir(folder)).find((name) => ending.test(name)) ?? '');
}

async function spoil(path: string, at: number): Promise<void> {
  await using file = await open(path, 'r+');
  await file.write('#', at);
}

const readAll = async (key: string): Promise<unknown> => {
  const reader = await made.store.get(key);
  return Array.fromAsync(reader?.body ?? []);
};

describe('what a volume has spoilt', () => {
  it('is told from what was written: the bytes of a small body and of a large one', async () => {
    await made.store.put('small', Buffer.alloc(1000, 'a'), WAV);
    await spoil(await fileOf('small', /~1$/), 800);
    await expect(readAll('small')).rejects.toMatchObject({ kind: 'corrupt', retryable: false, key: 'small' });
    await made.store.put('large', Buffer.alloc(100_000, 'a'), WAV);
    await spoil(await fileOf('large', /\.data$/), 99_000);
    await expect(readAll('large')).rejects.toMatchObject({ kind: 'corrupt', key: 'large' });
  });

  it('is told when a data file is short or gone, and when a claim is cut', async () => {
    await made.store.put('short', Buffer.alloc(100_000, 'a'), WAV);
    await truncate(await fileOf('short', /\.data$/), 5000);
    await expect(readAll('short')).rejects.toMatchObject({ kind: 'corrupt' });
    await made.store.put('gone', Buffer.alloc(100_000, 'a'), WAV);
    await unlink(await fileOf('gone', /\.data$/));
    await expect(readAll('gone')).rejects.toMatchObject({ kind: 'corrupt' });
    await made.store.put('cut', Buffer.alloc(1000, 'a'), WAV);
    await truncate(await fileOf('cut', /~1$/), 700);
    await expect(readAll('cut')).rejects.toMatchObject({ kind: 'corrupt' });
  });

  it('can be put right by a put', async () => {
    await made.store.put('spoilt', Buffer.alloc(100_000, 'a'), WAV);
    await spoil(await fileOf('spoilt', /\.data$/), 5);
    await made.store.put('spoilt', Buffer.from('again'), WAV);
    expect(await readAll('spoilt')).toEqual([Buffer.from('again')]);
  });
});
