import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../temp-folder.ts';
import { waitFor } from '../wait-for.ts';
import { withLock } from './install-lock.ts';

const lockFile = async (): Promise<string> => join(await tempFolder(), 'tool.lock');
const times = { beatMs: 20, abandonedMs: 2_000 };

describe('a lock between processes', () => {
  it('lets one work at a time, however long it takes', async () => {
    const file = await lockFile();
    const done: string[] = [];
    let release = (): void => undefined;
    const first = withLock(
      file,
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
      times,
    );
    await waitFor('the first has it', () => existsSync(file));
    const second = withLock(file, async () => void done.push('second'), times);
    const sinceMs = performance.now();
    await waitFor(
      'a lock without a beat would have been taken',
      () => performance.now() - sinceMs > 2 * times.abandonedMs,
    );
    expect(done).toEqual([]);
    release();
    await first;
    await second;
    expect(done).toEqual(['second']);
    expect(existsSync(file)).toBe(false);
  });

  it('is free again after work that failed', async () => {
    const file = await lockFile();
    await expect(withLock(file, () => Promise.reject(new Error('no space')))).rejects.toThrow('no space');
    expect(await withLock(file, async () => 'mine')).toBe('mine');
  });

  it('of a process that died is taken over', async () => {
    const file = await lockFile();
    await writeFile(file, '');
    expect(await withLock(file, async () => 'mine', times)).toBe('mine');
  });

  it('that cannot be had is an error, not a wait without end', async () => {
    await expect(withLock(join(await tempFolder(), 'nowhere', 'tool.lock'), async () => 'mine')).rejects.toThrow(
      'ENOENT',
    );
  });
});
