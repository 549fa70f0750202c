import { join, relative, sep } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryStore, type TemporaryStore } from '../testing.ts';
import { continuedPiece, decodeName, keyNames, versionsFolderName } from './file-names.ts';
import { fileTree } from './file-tree.ts';
import { objectPaths } from './object-paths.ts';

const NAME_MAX_BYTES = 255;
const segment = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 340 })
  .map((text) => text.replaceAll('/', ''))
  .filter((text) => text !== '' && text !== '.' && text !== '..');

/** What a reader of the volume makes of the names. */
function decode(folders: readonly string[], name: string): string {
  const segments: string[] = [];
  let pieces = '';
  for (const one of [...folders, name]) {
    const piece = continuedPiece(one);
    if (piece === null) {
      segments.push(decodeName(pieces + one) ?? '');
      pieces = '';
    } else {
      pieces += piece;
    }
  }
  return segments.join('/');
}

describe('a file name', () => {
  it('tells its key, is no path, no internal name, and short enough for every file of the object', () => {
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 3 }), (segments) => {
        const key = segments.join('/');
        const { folders, name } = keyNames(key);
        expect(decode(folders, name)).toBe(key);
        for (const one of [...folders, name]) {
          expect(one).toMatch(/^[A-Za-z0-9_%-][A-Za-z0-9._%+-]*$/);
          expect(versionsFolderName(one).length).toBeLessThan(NAME_MAX_BYTES);
        }
        expect(relative('/root', objectPaths('/root', key).plain).startsWith('..')).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('is the segment itself for what is usual', () => {
    const key = 't100/mailboxes/9876/messages/0a1B_c.d-E/metadata.json';
    expect(objectPaths('/volume', key).plain).toBe(`/volume/${key}`);
  });

  it('is no name that the store did not make', () => {
    for (const foreign of ['lost+found', '%zz', '%c3', 'a~', '%C3', 'ü', '']) expect(decodeName(foreign)).toBeNull();
  });
});

describe('a hostile key', () => {
  let made: TemporaryStore;

  beforeEach(async () => {
    made = await temporaryStore();
  });

  afterEach(() => made.dispose());

  it('never leaves the root, nor meets what the store keeps of its own', async () => {
    const outside = join(made.root, '..');
    const before = await fileTree(outside);
    const hostile = [
      '../escape',
      't100/../../escape',
      '/etc/escape',
      't100/..\\..\\escape',
      '..\\escape',
      '%2e%2e/escape',
      '%2E%2E%2Fescape',
      't100/\u2025/escape',
      '.identity',
      '.tmp/escape',
      '.tmp',
      '.x~/0~1',
      't100/.media.wav~/abc~1',
      't100/media.wav~1',
      't100/x%+/y',
      'C:\\escape',
      'nul',
      't100/a\u0000/../escape',
      `${'a/'.repeat(300)}b`,
      `long/${'ä'.repeat(200)}`,
      `dots/${'.'.repeat(900)}`,
    ];
    const kept = new Map<string, Buffer>();
    for (const key of hostile) {
      const body = Buffer.from(`body of ${key}`);
      try {
        await made.store.put(key, body, { contentType: 'text/plain' });
        kept.set(key, body);
      } catch (error) {
        expect(error).toMatchObject({ kind: 'invalid-key' });
      }
    }
    expect(kept.size).toBeGreaterThan(10);
    for (const [key, body] of kept) {
      const reader = await made.store.get(key);
      expect(Buffer.concat(await Array.fromAsync(reader?.body ?? [])).equals(body)).toBe(true);
    }
    const listed = await Array.fromAsync(made.store.list(''));
    expect(new Set(listed.map(({ key }) => key))).toEqual(new Set(kept.keys()));
    await made.store.check();
    const after = (await fileTree(outside)).filter((path) => !path.startsWith(`store${sep}`));
    expect(after).toEqual(before.filter((path) => !path.startsWith(`store${sep}`)));
  });
});
