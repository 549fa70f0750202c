import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryFolder, temporaryStore, type TemporaryStore } from '../testing.ts';
import { nodeFileOperations, type FileOperations } from './file-operations.ts';
import { fileTree } from './file-tree.ts';

const TEXT = { contentType: 'text/plain' };

/**
 * A volume that does a thing, loses its answer, and is asked again by its client, which NFS does over a bad network: the
 * second answer is that it is there already, or that its source is not.
 */
function askedTwice(operation: 'link' | 'rename', code: string): FileOperations {
  return {
    ...nodeFileOperations,
    [operation]: async (from: string, to: string) => {
      await nodeFileOperations[operation](from, to);
      // Claims and their folders alone: they are what writers race for.
      if (to.includes('~')) throw Object.assign(new Error(`${code}: asked twice`), { code });
    },
  };
}

let made: TemporaryStore;

beforeEach(async () => {
  made = await temporaryStore({}, memoryFolder());
});

afterEach(() => made.dispose());

describe('an answer that the network lost', () => {
  it('does not make the first writer of an object a loser', async () => {
    const store = await made.reopen({ files: askedTwice('rename', 'ENOENT') });
    const { etag } = await store.put('a/b', Buffer.from('x'), { ...TEXT, condition: { absent: true } });
    expect((await made.store.head('a/b'))?.etag).toBe(etag);
  });

  it('does not make a later one a loser', async () => {
    const first = await made.store.put('a/b', Buffer.from('x'), TEXT);
    const store = await made.reopen({ files: askedTwice('link', 'EEXIST') });
    const { etag } = await store.put('a/b', Buffer.from('y'), { ...TEXT, condition: { etag: first.etag } });
    expect((await made.store.head('a/b'))?.etag).toBe(etag);
    expect(await store.delete('a/b', { etag })).toBe(true);
    expect((await fileTree(made.root)).filter((path) => path.startsWith('.tmp/'))).toEqual([]);
  });
});
