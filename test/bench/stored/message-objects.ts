import { createHash } from 'node:crypto';
import type { Metadata } from '@voicemail/domain';
import type { CallerHashes } from '@voicemail/message-store';
import { callerIndexKey, mediaKey, metadataKey } from '../../../packages/message-store/src/keys.ts';
import type { NewObject } from '../bare/bare-store.ts';

/** Whose messages they are, and what all have alike. */
export interface StoredMessages {
  readonly tenant: string;
  readonly region: string;
  readonly hashes: CallerHashes;
  /** Whether the store finds objects by their tags: then callers are in the clear, and there is no index. */
  readonly tagSearch: boolean;
  readonly audio: Uint8Array;
  /** ms since the epoch. */
  readonly at: number;
}

export interface MessageName {
  readonly mailbox: string;
  readonly messageId: string;
  /** In its canonical form. */
  readonly callerId: string;
}

/** The objects of a message. */
export interface MessageObjects {
  readonly entry: NewObject | null;
  readonly media: NewObject;
  readonly metadata: NewObject;
}

/** Makes the objects of messages as deposits leave them in the master region. */
export function messageObjects(shared: StoredMessages): (name: MessageName) => MessageObjects {
  const { tenant, region, hashes, tagSearch, audio, at } = shared;
  const sha256 = createHash('sha256').update(audio).digest('hex');
  const time = new Date(at).toISOString();
  const json = (key: string, value: object, tags: NewObject['tags']): NewObject => ({
    key,
    body: Buffer.from(JSON.stringify(value)),
    contentType: 'application/json',
    tags,
  });
  return ({ mailbox, messageId, callerId }) => {
    const hash = hashes.current(tenant, callerId);
    const tags = { caller_id: tagSearch ? callerId : hash };
    const key = mediaKey(tenant, mailbox, messageId, 'wav');
    const media = { key, body: audio, contentType: 'audio/wav', tags };
    const place = { time, places: [{ region, key }], notedAt: time };
    const metadata: Metadata = {
      tenant,
      mailbox,
      messageId,
      callerId,
      state: 'new',
      priority: 'normal',
      private: false,
      durationMs: 1_000,
      depositedAt: time,
      time,
      region,
      media: { key, contentType: media.contentType, size: audio.length, sha256 },
      revision: 1,
      modifiedAt: time,
    };
    return {
      entry: tagSearch ? null : json(callerIndexKey(tenant, hash, mailbox, messageId), place, {}),
      media,
      metadata: json(metadataKey(tenant, mailbox, messageId), metadata, tags),
    };
  };
}
