import { StoreError, type ObjectStore } from '@voicemail/object-store';
import { haveSameTags } from '../carried-tags.ts';
import { won } from '../json-document.ts';
import { readDocument, type Document } from '../read-document.ts';

/**
 * Makes what lies under a key this document. When it resolves it was seen there, byte for byte and with its tags. For one writer alone:
 * whatever else lies there is replaced.
 * @param isThere false where a listing showed nothing there: that saves the look.
 * @returns false where it was there already.
 */
export async function placeDocument(
  store: ObjectStore,
  key: string,
  document: Document,
  isThere = true,
): Promise<boolean> {
  if (isThere && isSame(await readDocument(store, key), document)) return false;
  const { bytes, contentType, tags } = document;
  const put = { contentType, tags };
  if (isThere) await store.put(key, bytes, put);
  else await won(store.put(key, bytes, { ...put, condition: { absent: true } }));
  if (isSame(await readDocument(store, key), document)) return true;
  if (!isThere) return placeDocument(store, key, document);
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
