import { leave } from '../leave.ts';
import { checkKey, checkPrefix } from '../key.ts';
import { noTagSearch } from '../no-tag-search.ts';
import { sweepUploads } from './abandoned-uploads.ts';
import { openBucket } from './bucket.ts';
import { storeError } from './classify.ts';
import { copyObject, tagObject } from './copying.ts';
import { deleteObject } from './deleting.ts';
import { listFolders, listObjects } from './listing.ts';
import type { S3Store, S3StoreOptions } from './options.ts';
import { BodyBroke } from './parts.ts';
import { probe } from './probing.ts';
import { purgeVersions } from './purging.ts';
import { getObject, headObject } from './reading.ts';
import { replicas } from './replicas.ts';
import { settingsOf } from './settings/settings.ts';
import { putObject } from './writing.ts';

/** See `openS3Store`. Requests are counted where each operation is. */
export function s3Store(options: S3StoreOptions): S3Store {
  const { clock, ids } = options;
  const bucket = openBucket(options);
  const replicasOf = replicas(bucket, clock);

  const run = async <T>(operation: string, key: string, work: () => Promise<T>): Promise<T> => {
    checkKey(operation, key);
    return classified(operation, key, work);
  };

  const classified = async <T>(operation: string, key: string | null, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof BodyBroke) throw error.cause;
      throw storeError(operation, key, error);
    }
  };

  async function* listed<T>(operation: string, prefix: string, items: () => AsyncIterable<T>): AsyncGenerator<T> {
    checkPrefix(operation, prefix);
    try {
      yield* items();
    } catch (error) {
      throw storeError(operation, prefix, error);
    }
  }

  return {
    capabilities: { tagSearch: false, keepsReplaced: true, etagsOfContent: true },

    put: async (key, body, putOptions) => {
      const { contentType, tags = {} } = putOptions;
      try {
        return await run('put', key, async () => {
          const written = await putObject(bucket, key, body, putOptions, ids);
          return { key, contentType, tags, ...written };
        });
      } catch (error) {
        // It may have been refused before anything of the body was read.
        await leave(body);
        throw error;
      }
    },

    get: (key, { range } = {}) => run('get', key, () => getObject(bucket, key, range)),

    head: (key) => run('head', key, () => headObject(bucket, key)),

    delete: (key, { etag } = {}) => run('delete', key, () => deleteObject(bucket, key, etag)),

    copy: async (from, to, { tags } = {}) => {
      checkKey('copy', from);
      return run('copy', to, async () => ({ key: to, ...(await copyObject(bucket, from, to, tags)) }));
    },

    list: (prefix, { after } = {}) => listed('list', prefix, () => listObjects(bucket, prefix, after)),
    folders: (prefix, { after } = {}) => listed('folders', prefix, () => listFolders(bucket, prefix, after)),

    // Tags and time change in one write, so no order is asked for.
    tag: (key, tags) =>
      run('tag', key, async () => {
        const tagged = await tagObject(bucket, key, tags);
        return tagged === null ? null : { key, ...tagged };
      }),

    find: noTagSearch,

    purge: (key) => run('purge', key, () => purgeVersions(bucket, key, replicasOf)),

    settings: () => classified('settings', null, () => settingsOf(bucket, clock)),

    check: () => classified('check', null, () => probe(bucket)),

    sweep: async (signal) => {
      try {
        return { abandonedUploads: await sweepUploads(bucket, clock, signal) };
      } catch (error) {
        signal.throwIfAborted();
        throw storeError('sweep', null, error);
      }
    },

    close: async () => bucket.close(),
  };
}
