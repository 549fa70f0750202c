import { mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { systemClock, systemIds } from '@voicemail/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryFolder } from '../testing.ts';
import { nodeFileOperations } from './file-operations.ts';
import { volume } from './volume.ts';

const END_OF_2100_MS = Date.UTC(2101, 0);
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(memoryFolder(), 'object-store-'));
});

afterEach(() => rm(root, { recursive: true }));

describe('a file’s time', () => {
  it('is the millisecond that was asked for, any of them', async () => {
    const { writeNew } = volume(root, nodeFileOperations, systemClock(), systemIds());
    let files = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: END_OF_2100_MS }), async (at) => {
        files += 1;
        const path = join(root, `${files}`);
        await writeNew(path, Buffer.from('x'), { sync: false, at });
        expect(Math.floor((await stat(path)).mtimeMs)).toBe(at);
      }),
      { numRuns: 1000 },
    );
  });
});
