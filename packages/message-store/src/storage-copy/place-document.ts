import { StoreError, type ObjectStore, type Tags } from '@voicemail/object-store';
import { hasTags } from './copy-recording.ts';

/** The bytes of a document, with what is known of it. */
export interface Document {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly tags: Tags;
}

/** Reads a document whole: for what is small. null where there is none. */
export async function readDocument(store: ObjectStore, key: string): Promise<Document | null> {
  const reader = await store.get(key);
  if (reader === null) return null;
  const chunks: Uint8Array[] = [];
  for await (const chunk of reader.body) chunks.push(chunk);
  const { contentType, tags } = reader.info;
  return { bytes: Buffer.concat(chunks), contentType, tags };
}

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
    hasTags(present.tags, tags)
  );
}
