import { constants } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { leave } from '../leave.ts';
import { checkKey, checkPrefix } from '../key.ts';
import { infoOf } from './claim.ts';
import { storeError } from './classify.ts';
import { isSmall, takeIn, type Content } from './content.ts';
import { nodeFileOperations } from './file-operations.ts';
import { identity as identityOf, seenInMemory } from './identity.ts';
import { keyLock } from './key-lock.ts';
import { laidFile } from './laid.ts';
import { listFolders, listObjects } from './listing.ts';
import { objectPaths, type ObjectPaths } from './object-paths.ts';
import type { FileSystemStore, FileSystemStoreOptions } from './options.ts';
import { isPlainRight, settlePlain } from './plain-copy.ts';
import { copyContent, openObject, readerOf } from './reading.ts';
import { room as roomOf } from './room.ts';
import { sweepStore } from './sweep.ts';
import { healSuperseded, readVersion, type Version } from './versions.ts';
import { volume as volumeOf } from './volume.ts';
import { assureCondition, writing, type Meaning } from './writing.ts';
import { noTagSearch } from '../no-tag-search.ts';
import type { ObjectInfo } from '../port.ts';
import { StoreError } from '../store-error.ts';

/** How often tags are put again because a writer came between, before that is said. */
const MAX_TAG_ATTEMPTS = 50;

/**
 * A store on a volume that several processes, on several hosts, may share (NFS included: no locks, and no rename where
 * one of several must win).
 *
 * `<root>/<key>` is a plain copy of each object, for people and tools. The truth is beside it, in the folder `.<name>~`:
 * one claim file per version, of which the highest counts. On NFS mount it with `acdirmin=0,acdirmax=0,lookupcache=positive`:
 * with cached folders comparing and setting stays right, but other hosts see a change late, and may be told `busy` for as long.
 *
 * What is awaited of the disk: for a put of up to 64 KiB, a copy and a delete 1 fsync of a file and 1 of a folder; for a
 * larger put 1 of a file more; for each folder that has to be made for a key 1 of a folder more, beside the first. Reads
 * take none. What a call costs does not depend on how much is stored, but for listings on what they list.
 *
 * It resolves also when the volume is not there: every call then rejects with `unavailable` until it is.
 * @throws TypeError when `root` is not an absolute path.
 */
export async function openFileSystemStore(options: FileSystemStoreOptions): Promise<FileSystemStore> {
  if (!isAbsolute(options.root)) throw new TypeError(`the root of a store is an absolute path, not "${options.root}"`);
  const root = resolve(options.root);
  const volume = volumeOf(root, options.files ?? nodeFileOperations, options.clock, options.ids);
  const identity = identityOf(volume, options.region, options.seenIdentity ?? seenInMemory());
  const room = roomOf(volume);
  const lock = keyLock();
  const { write, remove } = writing(volume, identity);

  /** Runs a call when the store is itself; whatever it fails with becomes an error of the port. */
  const run = async <T>(operation: string, key: string, work: (paths: ObjectPaths) => Promise<T>): Promise<T> => {
    checkKey(operation, key);
    try {
      await identity.assure();
      return await work(objectPaths(root, key));
    } catch (error) {
      throw storeError(operation, key, error);
    }
  };

  /** Nothing is said to be absent, and no listing to be whole, before a look whether this is still the store. */
  async function* listed<T>(operation: string, prefix: string, items: () => AsyncIterable<T>): AsyncGenerator<T> {
    checkPrefix(operation, prefix);
    try {
      await identity.assure();
      yield* items();
      await identity.confirm();
    } catch (error) {
      throw storeError(operation, prefix, error);
    }
  }

  /** Repairs what a crash left of the object, unless a writer of this process is at it. */
  const heal = async (paths: ObjectPaths, version: Version): Promise<void> => {
    if (version.folder === null || lock.isHeld(paths.key)) return;
    try {
      const [isRight] = await Promise.all([
        isPlainRight(volume, paths, version.state === 'live' ? version.live : null),
        version.state === 'absent' ? undefined : healSuperseded(volume, paths.versions, version.claim),
      ]);
      if (!isRight) await lock.run(paths.key, () => settlePlain(volume, paths));
    } catch (error) {
      options.onRepairFailed?.(storeError('repair', paths.key, error));
    }
  };

  const writeContent = async (paths: ObjectPaths, content: Content, meaning: Meaning): Promise<ObjectInfo> => {
    try {
      const written = await lock.run(paths.key, () => write(paths, content, meaning));
      room.taken(content.size);
      return infoOf(paths.key, written);
    } catch (error) {
      const failure = storeError('put', paths.key, error);
      if (failure.kind === 'full') room.refused(content.size);
      throw failure;
    } finally {
      if (content.path !== null) await volume.unlinkIfThere(content.path);
    }
  };

  const assureNow = async ({ versions }: ObjectPaths, condition: Meaning['condition']): Promise<void> => {
    if (condition !== undefined) assureCondition(await readVersion(volume, versions, false), condition);
  };

  /**
   * Takes in a file that somebody else laid below the staging prefix: a publisher that shares the volume knows nothing of versions. It
   * has to be there whole, so it is written elsewhere and renamed into place. null where there is none.
   */
  const adopt = async (paths: ObjectPaths): Promise<ObjectInfo | null> => {
    const laid = await laidFile(volume, paths);
    if (laid === null) return null;
    // A link would name a file outside of the store.
    const file = await volume.files.open(paths.plain, constants.O_RDONLY | constants.O_NOFOLLOW);
    const content = await takeIn(volume, paths.key, file.createReadStream(), room.refused);
    const condition = { absent: true as const };
    const meaning = { contentType: 'application/octet-stream', tags: {}, condition, laidAt: laid.at };
    try {
      return await writeContent(paths, content, meaning);
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== 'condition-failed') throw error;
      const version = await readVersion(volume, paths.versions, false);
      return version.state === 'live' ? infoOf(paths.key, version.live) : null;
    }
  };

  // The store is made now rather than by the first call; where that fails, every call says so until it does not.
  await identity.confirm().catch(() => undefined);

  return {
    capabilities: { tagSearch: false, keepsReplaced: false, foldersAreReal: true },

    put: async (key, body, { contentType, tags = {}, condition }) => {
      try {
        // A body that costs something to take in is not, where its condition does not hold; it counts when it is written.
        await run('put', key, async (paths) => isSmall(body) || assureNow(paths, condition));
      } catch (error) {
        await leave(body);
        throw error;
      }
      const content = await takeIn(volume, key, body, room.refused);
      return run('put', key, (paths) => writeContent(paths, content, { contentType, tags, condition }));
    },

    get: (key, { range } = {}) =>
      run('get', key, async (paths) => {
        const opened = await openObject(volume, paths);
        await heal(paths, opened.version);
        const reader = await readerOf(key, opened, range);
        if (reader !== null) return reader;
        await identity.confirm();
        if (opened.version.folder !== null || (await adopt(paths)) === null) return null;
        return readerOf(key, await openObject(volume, paths), range);
      }),

    head: (key) =>
      run('head', key, async (paths) => {
        const version = await readVersion(volume, paths.versions, false);
        await heal(paths, version);
        if (version.state === 'live') return infoOf(key, version.live);
        await identity.confirm();
        return version.folder === null ? adopt(paths) : null;
      }),

    delete: (key, { etag } = {}) =>
      run('delete', key, async (paths) => {
        const removed = await lock.run(key, () => remove(paths, etag === undefined ? undefined : { etag }));
        if (!removed) await identity.confirm();
        return removed;
      }),

    copy: async (from, to, { tags } = {}) => {
      checkKey('copy', from);
      return run('copy', to, async (paths) => {
        await assureNow(paths, { absent: true });
        const source = await copyContent(volume, objectPaths(root, from));
        if (source === null) {
          await identity.confirm();
          throw new StoreError('not-found', 'copy', from, 'there is no such object to copy');
        }
        const { content, contentType } = source;
        return writeContent(paths, content, { contentType, tags: tags ?? source.tags, condition: { absent: true } });
      });
    },

    list: (prefix, { after } = {}) => listed('list', prefix, () => listObjects(volume, prefix, after)),
    folders: (prefix, { after } = {}) => listed('folders', prefix, () => listFolders(volume, prefix, after)),

    tag: (key, tags) =>
      run('tag', key, async (paths) => {
        for (let tries = 0; tries < MAX_TAG_ATTEMPTS; tries++) {
          const source = await copyContent(volume, paths);
          if (source === null) {
            await identity.confirm();
            return null;
          }
          const { content, contentType, etag } = source;
          try {
            return await writeContent(paths, content, { contentType, tags, condition: { etag } });
          } catch (error) {
            if (!(error instanceof StoreError) || error.kind !== 'condition-failed') throw error;
          }
        }
        throw new StoreError('busy', 'tag', key, 'other writers were faster every time');
      }),

    find: noTagSearch,

    purge: (key) =>
      run('purge', key, async (paths) => {
        await heal(paths, await readVersion(volume, paths.versions, false));
        return { erased: 0, left: [] };
      }),

    settings: async () => [],

    check: async () => {
      try {
        await identity.confirm();
        await room.check();
      } catch (error) {
        throw storeError('check', null, error);
      }
    },

    sweep: async (signal, { temporariesOlderThanMs } = {}) => {
      try {
        return await sweepStore({ volume, identity, lock }, signal, temporariesOlderThanMs);
      } catch (error) {
        signal.throwIfAborted();
        throw storeError('sweep', null, error);
      }
    },
  };
}
