import { callerHashes } from '@voicemail/message-store';
import type { ObjectStore } from '@voicemail/object-store';
import { messageObjects } from '../stored/message-objects.ts';
import { CALLER_HASH_KEY, REGION, TENANT } from '../stored/parts.ts';

/** A record of a deposit in binary mode, as the client gives it. */
export interface DepositMessage {
  readonly key: Buffer | string | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** As long as a fact is in the log. */
const FACT = Buffer.alloc(520, 'f');

/**
 * Puts what a deposit puts, into the same store with the same keys, types, tags and conditions: index entry, media, metadata. Nothing is
 * checked, and the digest of the recording is not taken. @returns the fact, ready to be sent.
 */
export function depositPuts(
  store: ObjectStore,
  audio: Uint8Array,
): (message: DepositMessage) => Promise<{ readonly key: string; readonly value: Buffer }> {
  const hashes = callerHashes(CALLER_HASH_KEY);
  const objectsOf = messageObjects({ tenant: TENANT, region: REGION, hashes, tagSearch: false, audio, at: Date.now() });
  return async ({ key, value, headers = {} }) => {
    const text = (name: string): string => String(headers[name]);
    const name = { mailbox: text('ce_mailbox'), messageId: text('ce_id'), callerId: text('ce_callerid') };
    const { entry, media, metadata } = objectsOf(name);
    for (const object of [entry, { ...media, body: value ?? audio }, metadata]) {
      if (object === null) continue;
      const { contentType, tags } = object;
      await store.put(object.key, object.body, { contentType, tags, condition: { absent: true } });
    }
    return { key: String(key), value: FACT };
  };
}
