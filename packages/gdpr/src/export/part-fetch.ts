import type { Metadata } from '@voicemail/domain';
import {
  openMedia,
  readMessage,
  readRejected,
  type DeadLetterDocument,
  type TenantStores,
} from '@voicemail/message-store';
import { StoreError } from '@voicemail/object-store';
import type { Outcome } from './contents.ts';

/** The bytes of something, opened; what is not read to its end is to be closed. */
export interface OpenPart {
  readonly content: AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

type Missing = Exclude<Outcome, 'included'>;

/** Opens a message's recording, or says why there is none any more. @throws StoreError; also of its bytes, where they are not as many as they were. */
export async function openRecording(stores: TenantStores, message: Metadata): Promise<OpenPart | Missing> {
  try {
    const { body } = await openMedia(stores, message);
    return whole(body, message.media);
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== 'not-found') throw error;
    const isThere = (await readMessage(stores, message.mailbox, message.messageId)) !== null;
    return isThere ? 'recording-missing' : 'gone';
  }
}

/** The same, all of it in memory. */
export async function fetchRecording(stores: TenantStores, message: Metadata): Promise<Uint8Array | Missing> {
  const opened = await openRecording(stores, message);
  if (typeof opened === 'string') return opened;
  try {
    const chunks = await Array.fromAsync(opened.content);
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  } finally {
    await opened.close();
  }
}

/** The bytes of a rejected record, which are no more than a record of the log may have. */
export async function fetchLetter(stores: TenantStores, letter: DeadLetterDocument): Promise<Uint8Array | Missing> {
  try {
    const home = { tenant: stores, deployment: stores.master.store };
    return (await readRejected(home, letter)) ?? new Uint8Array();
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== 'not-found') throw error;
    return 'gone';
  }
}

/** Opens the recording that was staged for a rejected record, in whichever region it lies; null where it lies in none. @throws StoreError. */
export async function openStaged(stores: TenantStores, key: string): Promise<OpenPart | null> {
  for (const { store } of stores.regions) {
    const reader = await store.get(key);
    if (reader !== null) return whole(reader.body, { key, size: reader.info.size });
  }
  return null;
}

/** Not a generator: one that was never begun would not let go of the store. */
function whole(
  body: AsyncIterable<Uint8Array>,
  { key, size }: { readonly key: string; readonly size: number },
): OpenPart {
  const iterator = body[Symbol.asyncIterator]();
  let bytes = 0;
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    const read = await iterator.next();
    if (read.done !== true) bytes += read.value.length;
    else if (bytes !== size) {
      throw new StoreError('corrupt', 'get', key, `the recording has ${bytes} bytes, and had ${size}`);
    }
    return read;
  };
  return {
    content: { [Symbol.asyncIterator]: () => ({ next }) },
    close: async () => {
      await iterator.return?.();
    },
  };
}
