import type { ObjectInfo, TagOptions, Tags, WrittenObject } from '../port.ts';
import { StoreError } from '../store-error.ts';
import type { Account } from './account.ts';
import { blobName } from './blob-names.ts';
import { indexTags, tagsMetadata } from './index-tags.ts';
import { orNull } from './or-null.ts';
import { writtenObject, type Properties, type Scope } from './properties.ts';
import { head } from './reading.ts';

interface Touched extends Properties {
  readonly versionId?: string;
}

/** How often it is tried again because a writer came between, before that is said. */
const MAX_ATTEMPTS = 50;

/**
 * Replaces an object's tags: Get Blob Properties, Set Blob Metadata (which moves the time and the etag), Set Blob Tags (which moves
 * neither), the latter two in the order asked for. What a crash leaves between them is mended by doing it again.
 */
export async function retag(
  account: Account,
  scope: Scope,
  key: string,
  tags: Tags,
  { order }: TagOptions,
): Promise<WrittenObject | null> {
  const name = blobName('tag', key);
  const encoded = indexTags('tag', key, tags);
  const touch = (etag: string): Promise<Touched> =>
    account.call('tag', key, ({ container }, abortSignal) =>
      container
        .getBlobClient(name)
        .setMetadata(tagsMetadata(tags), { ...scope, abortSignal, conditions: { ifMatch: etag } }),
    );
  const mark = async (etag: string | undefined): Promise<void> => {
    await account.call('tag', key, ({ container }, abortSignal) =>
      container
        .getBlobClient(name)
        .setTags(encoded, { abortSignal, conditions: etag === undefined ? {} : { ifMatch: etag } }),
    );
  };
  const change = async (found: ObjectInfo): Promise<WrittenObject> => {
    if (order === 'tags-first') await mark(found.etag);
    const touched = await touch(found.etag);
    // Where versions are kept this made a new one, and the service does not promise that index tags come along.
    if (order === 'touch-first' || touched.versionId !== undefined) await mark(touched.etag);
    return writtenObject('tag', key, touched, { size: found.size, contentType: found.contentType, tags });
  };

  for (let tries = 0; tries < MAX_ATTEMPTS; tries++) {
    const found = await head(account, 'tag', key);
    if (found === null) return null;
    try {
      // It may be deleted in between: then the next look finds nothing.
      const changed = await orNull(change(found));
      if (changed !== null) return changed;
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== 'condition-failed') throw error;
    }
  }
  throw new StoreError('busy', 'tag', key, 'other writers were faster every time');
}
