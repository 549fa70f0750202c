import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, systemIds } from '@voicemail/runtime';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openFileSystemStore } from './file-system-store.ts';
import { fileTree } from './file-tree.ts';

const VOLUME_BYTES = 2 * 1024 * 1024;

/** A small volume of its own; null where this machine does not let us mount one. */
function mountSmallVolume(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'small-volume-'));
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', `size=${VOLUME_BYTES}`, 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    return null;
  }
}

const folder = mountSmallVolume();
afterAll(() => {
  if (folder === null) return;
  execFileSync('/bin/umount', [folder]);
  rmSync(folder, { recursive: true });
});

describe('a full volume', () => {
  beforeEach(({ skip }) => skip(folder === null, 'a small volume cannot be mounted here (needs root): NOT TRIED'));

  const open = () =>
    openFileSystemStore({
      root: join(folder ?? '', 'store'),
      clock: systemClock(),
      ids: systemIds(),
      region: 'westus2',
    });
  const wav = { contentType: 'audio/wav' };

  it('refuses a write as full, keeps what was there, and is not ready until what it refused has room', async () => {
    const store = await open();
    await store.put('t100/kept', Buffer.alloc(900_000, 'k'), { ...wav, tags: { a: 'b' } });
    const refused = store.put('t100/refused', Buffer.alloc(1_500_000, 'r'), wav);
    await expect(refused).rejects.toMatchObject({
      kind: 'full',
      retryable: true,
      operation: 'put',
      key: 't100/refused',
    });
    expect(await store.head('t100/refused')).toBeNull();
    expect((await fileTree(folder ?? '')).filter((path) => path.startsWith('store/.tmp/'))).toEqual([]);

    // A few bytes would find room, what was refused would not.
    await expect(store.check()).rejects.toMatchObject({ kind: 'full' });
    await store.put('t100/few', Buffer.from('few'), wav);
    await expect(store.check()).rejects.toMatchObject({ kind: 'full' });

    const reader = await store.get('t100/kept');
    expect(Buffer.concat(await Array.fromAsync(reader?.body ?? [])).equals(Buffer.alloc(900_000, 'k'))).toBe(true);

    await store.delete('t100/kept');
    await store.check();
    await store.put('t100/refused', Buffer.alloc(1_500_000, 'r'), wav);
    await store.check();
    await store.delete('t100/refused');
  });

  it('refuses small writes too, and loses none that it took', async () => {
    const store = await open();
    const taken: string[] = [];
    const fill = async (): Promise<void> => {
      for (let number = 0; ; number++) {
        const key = `t100/fill/${number}`;
        await store.put(key, Buffer.alloc(20_000, `${number}|`), wav);
        taken.push(key);
      }
    };
    await expect(fill()).rejects.toMatchObject({ kind: 'full' });
    expect(taken.length).toBeGreaterThan(10);
    for (const [number, key] of taken.entries()) {
      const reader = await (await open()).get(key);
      expect(Buffer.concat(await Array.fromAsync(reader?.body ?? [])).equals(Buffer.alloc(20_000, `${number}|`))).toBe(
        true,
      );
    }
    await expect(store.check()).rejects.toMatchObject({ kind: 'full' });
    expect((await fileTree(folder ?? '')).filter((path) => path.startsWith('store/.tmp/'))).toEqual([]);
  });
});
