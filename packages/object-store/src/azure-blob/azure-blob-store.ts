import { StoreError } from '../store-error.ts';
import { account as accountOf } from './account.ts';
import { openAgents } from './agents.ts';
import { blobName } from './blob-names.ts';
import { copyInside } from './copying.ts';
import { credentialsOf } from './connection.ts';
import { findByTag, listFolders, listObjects } from './listing.ts';
import { checkOptions, type AzureBlobStore, type AzureBlobStoreOptions } from './options.ts';
import { orNull } from './or-null.ts';
import type { Scope } from './properties.ts';
import { purgePast } from './purging.ts';
import { head, read } from './reading.ts';
import { askSettings } from './settings.ts';
import { retag } from './tagging.ts';
import { write } from './writing.ts';

const REQUEST_TIMEOUT_MS = 30_000;
/** A block that no object is ever made of: the service drops it after a week, and each check replaces it. */
const CHECK_BLOB = '.check';
const CHECK_BLOCK = Buffer.from('check').toString('base64');

/**
 * A store in one container of Azure Blob Storage. One request for a put (up to 8 MiB, as a stream 2 MiB), a get, a head and a delete;
 * what the others cost is said where they are. No request is tried again, but for one that was refused while its secret was being
 * replaced: put `withRetry` round it.
 *
 * It resolves also when the account is not there or the secret cannot be read: every call then rejects until it can.
 * @throws TypeError for options that no account could be reached with.
 */
export async function openAzureBlobStore(options: AzureBlobStoreOptions): Promise<AzureBlobStore> {
  checkOptions(options);
  const { clock, ids, encryptionScope, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
  // Large, and needed by few deployments.
  const sdk = await import('@azure/storage-blob');
  const agents = openAgents();
  const account = accountOf(await credentialsOf(sdk, options, agents), agents, { clock, requestTimeoutMs });
  const scope: Scope = encryptionScope === null || encryptionScope === undefined ? {} : { encryptionScope };

  const remove: AzureBlobStore['delete'] = async (key, { etag } = {}) => {
    const name = blobName('delete', key);
    const conditions = etag === undefined ? {} : { ifMatch: etag };
    const deleted = account.call('delete', key, async ({ container }, abortSignal) => {
      await container.getBlobClient(name).delete({ abortSignal, conditions, deleteSnapshots: 'include' });
      return true;
    });
    return (await orNull(deleted)) ?? false;
  };

  return {
    capabilities: { tagSearch: true, keepsReplaced: true },
    put: (key, body, putOptions) => write(account, ids, scope, key, body, putOptions),
    get: (key, { range } = {}) => read(account, key, range),
    head: (key) => head(account, 'head', key),
    delete: remove,
    copy: async (from, to, { tags } = {}) => {
      const copied = await copyInside(account, scope, from, to, tags);
      if (copied !== null) return copied;
      const source = await read(account, from, undefined);
      if (source === null) throw new StoreError('not-found', 'copy', from, 'there is no such object to copy');
      const { contentType, tags: own } = source.info;
      return write(account, ids, scope, to, source.body, {
        contentType,
        tags: tags ?? own,
        condition: { absent: true },
      });
    },
    list: (prefix, { after } = {}) => listObjects(account, prefix, after),
    folders: (prefix, { after } = {}) => listFolders(account, prefix, after),
    tag: (key, tags) => retag(account, { scope, clock, ids }, key, tags),
    find: (prefix, tag) => findByTag(account, prefix, tag),
    purge: (key) => purgePast(account, key, clock.now()),
    settings: () => askSettings(account, scope, clock),
    check: async () => {
      await account.call('check', null, async ({ container }, abortSignal) => {
        const blob = container.getBlockBlobClient(CHECK_BLOB);
        await blob.stageBlock(CHECK_BLOCK, CHECK_BLOCK, CHECK_BLOCK.length, { ...scope, abortSignal });
      });
    },
    close: async () => account.close(),
  };
}
