import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTempFolder, tempFolder } from './temp-folder.ts';

describe('a temporary folder', () => {
  let previous = '';

  it('is empty and one’s own', async () => {
    previous = await tempFolder();
    expect(await tempFolder()).not.toBe(previous);
    await writeFile(join(previous, 'file'), 'x');
  });

  it('goes with the test, with all that is in it', () => {
    expect(previous).not.toBe('');
    expect(existsSync(previous)).toBe(false);
  });

  it('goes when its scope ends, where it was opened for a scope', async () => {
    let path: string;
    {
      await using folder = await openTempFolder();
      path = folder.path;
      expect(existsSync(path)).toBe(true);
    }
    expect(existsSync(path)).toBe(false);
  });
});
