import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { tmpfs } from './tmpfs.ts';

const sizeBytes = 1_048_576;

describe('a small file system', () => {
  let previous = '';
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('is full at the size that was asked for', async (context) => {
    previous = (await tmpfs({ sizeBytes })) ?? context.skip('mounting takes root');
    await writeFile(join(previous, 'fits'), Buffer.alloc(500_000));
    await expect(writeFile(join(previous, 'does-not'), Buffer.alloc(1_000_000))).rejects.toThrow('ENOSPC');
  });

  it('goes with the test', () => {
    expect(previous !== '' && existsSync(previous)).toBe(false);
  });

  it('that cannot be had is said aloud, and fails the test where CI is set', async () => {
    vi.stubEnv('PATH', '/nowhere');
    vi.stubEnv('CI', '');
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await tmpfs({ sizeBytes })).toBeUndefined();
    expect(String(said.mock.calls[0]?.[0])).toContain('needs root');
    vi.stubEnv('CI', 'true');
    await expect(tmpfs({ sizeBytes })).rejects.toThrow('No small file system could be mounted');
  });
});
