import type { BlobItem } from '@azure/storage-blob';
import type { Leftover, Purge } from '../port.ts';
import { StoreError } from '../store-error.ts';
import type { Account } from './account.ts';
import { blobName } from './blob-names.ts';
import { AzureFailure } from './classify.ts';
import { leftoversOf } from './leftovers.ts';
import { valueOf } from './listing.ts';

const DAY_MS = 24 * 3_600_000;

/**
 * Erases what the service keeps of a blob beside the present one. List Blobs with versions, snapshots and deleted ones, and a Delete
 * Blob for each. Where there were any it is listed again, as an account with soft delete keeps those too; each of these is deleted
 * once more, for good. What is left then is told.
 * @param nowMs wall time, ms since the epoch.
 */
export async function purgePast(account: Account, key: string, nowMs: number): Promise<Purge> {
  const name = blobName('purge', key);
  const found = await everythingOf(account, key, name);
  const replicated = found.filter(isReplicated).map(() => REPLICA);
  const past = found.filter(isPast);
  if (past.length === 0) return { erased: 0, left: leftoversOf(replicated) };

  const left: Leftover[] = [];
  for (const item of past.filter(({ deleted }) => !deleted)) {
    const why = await erase(account, key, item, 'once');
    if (why !== null) left.push({ what: hasText(item.snapshot) ? 'snapshot' : 'version', count: 1, why, until: null });
  }
  const again = await everythingOf(account, key, name);
  for (const item of again.filter(({ deleted }) => deleted)) {
    const why = hasId(item) ? await erase(account, key, item, 'for good') : KEPT_WHOLE;
    if (why !== null) left.push({ what: 'soft-deleted', count: 1, why, until: goneAt(item, nowMs) });
  }
  return { erased: Math.max(0, past.length - left.length), left: leftoversOf([...left, ...replicated]) };
}

/** All that the service lists of a name, without its neighbours, which come after it. */
async function everythingOf(account: Account, key: string, name: string): Promise<readonly BlobItem[]> {
  const items: BlobItem[] = [];
  let marker: string | undefined;
  do {
    const asked = marker === undefined ? {} : { continuationToken: marker };
    const { segment, continuationToken } = await account.call('purge', key, async ({ container }, abortSignal) => {
      const included = { includeVersions: true, includeSnapshots: true, includeDeleted: true };
      return valueOf(
        await container
          .listBlobsFlat({ ...included, prefix: name, abortSignal })
          .byPage(asked)
          .next(),
      );
    });
    items.push(...segment.blobItems.filter((item) => item.name === name));
    const isPassed = segment.blobItems.some((item) => item.name !== name);
    marker = isPassed ? undefined : continuationToken;
  } while (hasText(marker));
  return items;
}

const hasText = (text: string | undefined): boolean => text !== undefined && text !== '';
const hasId = ({ snapshot, versionId }: BlobItem): boolean => hasText(snapshot) || hasText(versionId);
const isPast = (item: BlobItem): boolean => item.deleted || (hasId(item) && item.isCurrentVersion !== true);
const isReplicated = ({ objectReplicationSourceProperties = [] }: BlobItem): boolean =>
  objectReplicationSourceProperties.length > 0;

/** Null when it is gone, else why it is not. @throws StoreError for what may pass. */
async function erase(
  account: Account,
  key: string,
  { name, snapshot, versionId }: BlobItem,
  how: 'once' | 'for good',
): Promise<string | null> {
  try {
    await account.call('purge', key, async ({ container, forGood }, abortSignal) => {
      const blob = (how === 'once' ? container : forGood).getBlobClient(name);
      const one =
        snapshot !== undefined && snapshot !== '' ? blob.withSnapshot(snapshot) : blob.withVersion(versionId ?? '');
      await one.delete({ abortSignal });
    });
    return null;
  } catch (error) {
    if (!(error instanceof StoreError) || !FINAL.has(error.kind)) throw error;
    if (error.kind === 'not-found') return null;
    return `${how === 'once' ? NOT_DELETED : NOT_PERMITTED} (${refusalOf(error)})`;
  }
}

/** Status and code alone: what differs from one request to the next would keep apart what has one reason. */
function refusalOf({ kind, cause }: StoreError): string {
  if (!(cause instanceof AzureFailure)) return kind;
  return [cause.statusCode, cause.code].filter((part) => part !== null).join(' ');
}

/** What a second attempt would not change. */
const FINAL: ReadonlySet<string> = new Set(['not-found', 'permission-denied', 'unsupported', 'unknown']);

const NOT_DELETED =
  'it is under an immutability policy or a legal hold, or the credentials lack deleteBlobVersion/action (SAS permission x)';
const NOT_PERMITTED =
  'soft delete keeps versions and snapshots, and the account does not permit permanent deletes (allowPermanentDelete) or the credentials lack permanentDelete/action (SAS permission y)';
const KEPT_WHOLE =
  'soft delete keeps whole blobs, which nobody can erase before their time: only versions and snapshots can be';
const REPLICA: Leftover = {
  what: 'replica',
  count: 1,
  why: 'an object replication policy copies it to another account, where it is to be erased too',
  until: null,
};

/** When the service lets go of it by itself; it counts in whole days. */
const goneAt = ({ properties: { remainingRetentionDays } }: BlobItem, nowMs: number): number | null =>
  remainingRetentionDays === undefined ? null : nowMs + (remainingRetentionDays + 1) * DAY_MS;
