import { StoreError, type ObjectStore, type PutOptions, type Tags, type WrittenObject } from '@voicemail/object-store';
import type { z } from 'zod';

/** A JSON document as it is stored, with the etag that its next write names. */
export interface Stored<T> {
  readonly value: T;
  readonly etag: string;
}

/** Attempts at one compare-and-set before the caller is told that the store is busy. */
const MAX_CAS_ATTEMPTS = 20;

/**
 * Reads a JSON document. null where there is none.
 * @throws StoreError `corrupt` when it is not JSON of the schema: it is never taken for absent.
 */
export async function readJson<T>(store: ObjectStore, key: string, schema: z.ZodType<T>): Promise<Stored<T> | null> {
  const reader = await store.get(key);
  if (reader === null) return null;
  const chunks: Uint8Array[] = [];
  for await (const chunk of reader.body) chunks.push(chunk);
  return { value: parseDocument(key, Buffer.concat(chunks), schema), etag: reader.info.etag };
}

/** A document from its bytes. @throws StoreError `corrupt` when they are not JSON of the schema. */
export function parseDocument<T>(key: string, bytes: Buffer, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(parseJson(key, bytes.toString('utf8')));
  if (parsed.success) return parsed.data;
  const paths = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw new StoreError('corrupt', 'get', key, `the document does not have its shape at: ${paths}`);
}

/** Writes a JSON document whole, with its tags. @throws StoreError `condition-failed`. */
export async function writeJson(
  store: ObjectStore,
  key: string,
  value: unknown,
  condition: NonNullable<PutOptions['condition']>,
  tags: Tags = {},
): Promise<WrittenObject> {
  return store.put(key, Buffer.from(JSON.stringify(value)), { contentType: 'application/json', condition, tags });
}

/** Puts a document if there is none. false where there is one already. */
export async function createJson(store: ObjectStore, key: string, value: unknown, tags: Tags = {}): Promise<boolean> {
  return won(writeJson(store, key, value, { absent: true }, tags));
}

/** Whether a conditional write won; any other failure goes on to the caller. */
export async function won(write: Promise<unknown>): Promise<boolean> {
  return (await answerOf(write.then(() => true))) !== null;
}

/** The answer of a conditional write that won; null of one that lost. Any other failure goes on to the caller. */
export async function answerOf<T>(write: Promise<T>): Promise<T | null> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'condition-failed') return null;
    throw error;
  }
}

/**
 * Repeats read, decide and conditional write until one attempt is not overtaken.
 * @param attempt returns undefined when its write lost.
 */
export async function untilWon<T>(key: string, attempt: () => Promise<T | undefined>): Promise<T> {
  for (let count = 0; count < MAX_CAS_ATTEMPTS; count += 1) {
    const result = await attempt();
    if (result !== undefined) return result;
  }
  throw new StoreError('busy', 'put', key, `other writers came first ${MAX_CAS_ATTEMPTS} times; try again`);
}

function parseJson(key: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StoreError('corrupt', 'get', key, 'the document is not JSON', { cause });
  }
}
