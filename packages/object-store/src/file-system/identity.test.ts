import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manualClock, systemIds } from '@voicemail/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../port.ts';
import { StoreError } from '../store-error.ts';
import { temporaryStore, type TemporaryStore } from '../testing.ts';
import type { SeenIdentity } from '../identity-object.ts';
import { openFileSystemStore } from './file-system-store.ts';
import { fileTree } from './file-tree.ts';
import { steppedFiles } from './stepped-files.ts';

const TEXT = { contentType: 'text/plain' };
const clock = manualClock(Date.UTC(2026, 10, 2));

function remembered(): SeenIdentity & { id: string | null } {
  const memory = {
    id: null as string | null,
    read: async () => memory.id,
    write: async (id: string) => {
      memory.id = id;
    },
  };
  return memory;
}

const calls: Readonly<Record<string, (store: ObjectStore) => Promise<unknown>>> = {
  put: (store) => store.put('t100/new/object', Buffer.from('x'), TEXT),
  'put of a large one': (store) => store.put('t100/new/object', Buffer.alloc(100_000), TEXT),
  'put on the top level': (store) => store.put('top', Buffer.from('x'), TEXT),
  get: (store) => store.get('t100/object'),
  head: (store) => store.head('t100/object'),
  delete: (store) => store.delete('t100/object'),
  copy: (store) => store.copy('t100/object', 't200/copy'),
  list: (store) => Array.fromAsync(store.list('t100/')),
  folders: (store) => Array.fromAsync(store.folders('')),
  check: (store) => store.check(),
};

async function expectDown(store: ObjectStore): Promise<void> {
  const ends: [string, unknown][] = [];
  for (const [name, call] of Object.entries(calls)) {
    const end = await call(store).then(
      () => 'resolved',
      (error: unknown) => (error instanceof StoreError ? error.kind : error),
    );
    ends.push([name, end]);
  }
  expect(ends).toEqual(Object.keys(calls).map((name) => [name, 'unavailable']));
  await expect(store.check()).rejects.toThrow('the volume is not mounted / is not the one it was');
}

let made: TemporaryStore;
let away: string;
const seen = remembered();

beforeEach(async () => {
  seen.id = null;
  made = await temporaryStore({ clock, seenIdentity: seen });
  away = `${made.root}-away`;
  await made.store.put('t100/object', Buffer.from('here'), TEXT);
});

afterEach(() => made.dispose());

describe('a volume that is not mounted', () => {
  it('is a region that is down, not an empty one, from the moment it goes; and up again when it is back', async () => {
    await rename(made.root, away);
    await expectDown(made.store);
    await clock.advance(5_000);
    await expectDown(made.store);
    expect(await readdir(join(made.root, '..'))).toEqual(['store-away']);
    await rename(away, made.root);
    expect((await made.store.head('t100/object'))?.size).toBe(4);
    await calls['put']?.(made.store);
    await made.store.check();
  });

  it.each(Object.keys(calls))('is noticed by a %s that comes first after it went', async (name) => {
    await made.store.head('t100/object');
    await rename(made.root, away);
    await expect(calls[name]?.(made.store)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('gets no folder of a tenant when it goes in the middle of a put', async () => {
    const store = await made.reopen({
      files: steppedFiles(async ({ operation, path }) => {
        if (operation !== 'mkdir' || !path.endsWith('/t300/messages')) return;
        await rename(made.root, away);
        await mkdir(made.root);
      }),
    });
    const put = store.put('t300/messages/object', Buffer.from('x'), TEXT);
    await expect(put).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await readdir(made.root)).toEqual([]);
  });

  it('leaves an empty mount point that nothing is made in', async () => {
    await rename(made.root, away);
    await mkdir(made.root);
    await expectDown(made.store);
    await clock.advance(5_000);
    await expectDown(made.store);
    expect(await readdir(made.root)).toEqual([]);
    await rm(made.root, { recursive: true });
    await rename(away, made.root);
    expect((await made.store.head('t100/object'))?.size).toBe(4);
  });

  it('does not stop a process from starting, which goes on when the volume is there', async () => {
    await rename(made.root, away);
    const started = await made.reopen();
    await expectDown(started);
    expect(await readdir(join(made.root, '..'))).toEqual(['store-away']);
    await rename(away, made.root);
    expect((await started.head('t100/object'))?.size).toBe(4);
  });
});

describe('the identity of a store', () => {
  it('is made once, and the same for all who open it at once', async () => {
    const root = join(made.root, '..', 'fresh');
    const memories = Array.from({ length: 8 }, remembered);
    const stores = await Promise.all(
      memories.map((seenIdentity) =>
        openFileSystemStore({ root, clock, ids: systemIds(), region: 'westus2', seenIdentity }),
      ),
    );
    await Promise.all(stores.map((store) => store.check()));
    expect(new Set(memories.map(({ id }) => id)).size).toBe(1);
    expect(JSON.parse(await readFile(join(root, '.identity'), 'utf8'))).toMatchObject({ id: memories[0]?.id });
    expect(await fileTree(root)).toEqual(['.identity', '.tmp']);
  });

  it('is taken over where another process made it', async () => {
    const other = remembered();
    const store = await made.reopen({ seenIdentity: other });
    expect((await store.head('t100/object'))?.size).toBe(4);
    expect(other.id).toBe(seen.id);
  });

  it('is refused when it is another one, damaged, or of another region', async () => {
    const path = join(made.root, '.identity');
    const own = await readFile(path, 'utf8');
    for (const text of [`{"id":"another","region":"westus2"}`, '{"id":', '{}', '', 'null']) {
      await writeFile(path, text);
      await clock.advance(2_000);
      await expectDown(made.store);
      await expectDown(await made.reopen());
    }
    await writeFile(path, own);
    await expectDown(await made.reopen({ region: 'westeurope' }));
    await made.store.check();
  });

  it('is looked at again within a second, also by calls that find what they look for', async () => {
    await clock.advance(2_000);
    await made.store.head('t100/object');
    await writeFile(join(made.root, '.identity'), '{"id":"another","region":"westus2"}');
    await clock.advance(999);
    expect((await made.store.head('t100/object'))?.size).toBe(4);
    await clock.advance(1);
    await expect(made.store.head('t100/object')).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('keeps the store working when its folder of temporaries was cleaned away', async () => {
    await rm(join(made.root, '.tmp'), { recursive: true });
    await clock.advance(2_000);
    await calls['put']?.(made.store);
    expect((await made.store.head('t100/new/object'))?.size).toBe(1);
  });
});
