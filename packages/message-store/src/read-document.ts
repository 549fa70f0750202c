import type { ObjectStore, Tags } from '@voicemail/object-store';

/** The bytes of a document, with what is known of it. */
export interface Document {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly tags: Tags;
}

/** Reads a document whole: for what is small. null where there is none. */
export async function readDocument(
  store: ObjectStore,
  key: string,
): Promise<(Document & { readonly etag: string }) | null> {
  const reader = await store.get(key);
  if (reader === null) return null;
  const chunks: Uint8Array[] = [];
  for await (const chunk of reader.body) chunks.push(chunk);
  const { contentType, tags, etag } = reader.info;
  return { bytes: Buffer.concat(chunks), contentType, tags, etag };
}
