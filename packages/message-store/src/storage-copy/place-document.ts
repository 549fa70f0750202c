import { StoreError, type ObjectStore } from '@voicemail/object-store';
import { haveSameTags } from '../carried-tags.ts';
import { readDocument, type Document } from '../read-document.ts';

/**
 * Makes what lies under a key this document. When it resolves it was seen there, byte for byte and with its tags. For one writer alone:
 * whatever else lies there is replaced.
 * @returns false where it was there already.
 */
export async function placeDocument(store: ObjectStore, key: string, document: Document): Promise<boolean> {
  if (isSame(await readDocument(store, key), document)) return false;
  const { bytes, contentType, tags } = document;
  await store.put(key, bytes, { contentType, tags });
  if (isSame(await readDocument(store, key), document)) return true;
  throw new StoreError('corrupt', 'put', key, 'what arrived is not what was sent');
}

function isSame(present: Document | null, { bytes, contentType, tags }: Document): boolean {
  return (
    present !== null &&
    present.bytes.equals(bytes) &&
    present.contentType === contentType &&
    haveSameTags(present.tags, tags)
  );
}
