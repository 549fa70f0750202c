import { isDeepStrictEqual } from 'node:util';
import { backoffMs, type Clock, type Ids } from '@voicemail/runtime';
import type { ObjectInfo, Tags, WrittenObject } from '../port.ts';
import { StoreError } from '../store-error.ts';
import type { Account } from './account.ts';
import { blobName } from './blob-names.ts';
import { indexTags, tagsMetadata, unsettledMetadata } from './index-tags.ts';
import { orNull } from './or-null.ts';
import { writtenObject, type Properties, type Scope } from './properties.ts';
import { head } from './reading.ts';

interface Touched extends Properties {
  readonly versionId?: string;
}

/** How often it is tried again because a writer came between, before that is said. */
const MAX_ATTEMPTS = 50;
const PAUSES = { baseMs: 10, maxMs: 500 };

/**
 * Replaces an object's tags: Get Blob Properties, Set Blob Metadata (which moves the time and the etag), Set Blob Tags (which moves
 * neither), Set Blob Metadata. The first of the two writes of metadata says that the tags are unsettled, the last that they are not:
 * so a change that stopped between shows, whichever the tags are that somebody wants then, and is ended by doing it again.
 *
 * It serves either order of `TagOptions`: no rule meets a tag, old or new, on an old time.
 */
export async function retag(
  account: Account,
  { scope, clock, ids }: { readonly scope: Scope; readonly clock: Clock; readonly ids: Pick<Ids, 'random'> },
  key: string,
  tags: Tags,
): Promise<WrittenObject | null> {
  const name = blobName('tag', key);
  const encoded = indexTags('tag', key, tags);
  const touch = (metadata: Record<string, string>, etag: string | undefined): Promise<Touched> =>
    account.call('tag', key, ({ container }, abortSignal) =>
      container.getBlobClient(name).setMetadata(metadata, { ...scope, abortSignal, conditions: ifMatch(etag) }),
    );
  const mark = async (etag: string | undefined): Promise<void> => {
    await account.call('tag', key, ({ container }, abortSignal) =>
      container.getBlobClient(name).setTags(encoded, { abortSignal, conditions: ifMatch(etag) }),
    );
  };
  const change = async (found: ObjectInfo): Promise<WrittenObject> => {
    const begun = await touch(unsettledMetadata(tags), found.etag);
    await mark(begun.etag);
    const ended = await touch(tagsMetadata(tags), begun.etag);
    // Where versions are kept this made a new one, and the service does not promise that index tags come along.
    if (ended.versionId !== undefined) await mark(ended.etag);
    return writtenObject('tag', key, ended, { size: found.size, contentType: found.contentType, tags });
  };

  for (let tries = 0; tries < MAX_ATTEMPTS; tries++) {
    const found = await head(account, 'tag', key);
    if (found === null) return null;
    // Whoever was faster did the same, and later than this was asked for.
    if (tries > 0 && found.tagsUnsettled !== true && isDeepStrictEqual(found.tags, tags)) return found;
    try {
      // It may be deleted in between: then the next look finds nothing.
      const changed = await orNull(change(found));
      if (changed !== null) return changed;
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== 'condition-failed') throw error;
    }
    // A change takes several steps: writers who come back at once would keep breaking in on each other.
    await clock.sleep(backoffMs(tries + 1, PAUSES, () => ids.random()));
  }
  throw new StoreError('busy', 'tag', key, 'other writers were faster every time');
}

const ifMatch = (etag: string | undefined) => (etag === undefined ? {} : { ifMatch: etag });
