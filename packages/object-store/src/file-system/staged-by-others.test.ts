import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryStore, type TemporaryStore } from '../testing.ts';

let made: TemporaryStore;

beforeEach(async () => {
  made = await temporaryStore();
  await mkdir(join(made.root, 'staging/t100'), { recursive: true });
  await mkdir(join(made.root, 't100'), { recursive: true });
});
afterEach(() => made.dispose());

const KEY = 'staging/t100/long.wav';

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

it('a file that somebody laid anywhere else is none', async () => {
  await writeFile(join(made.root, 't100/metadata.json'), '{}');
  expect(await made.store.head('t100/metadata.json')).toBeNull();
});
