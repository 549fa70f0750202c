import { createHash, randomBytes } from 'node:crypto';
import type { Metadata } from '@voicemail/domain';
import { callerHashes } from '@voicemail/message-store';
import { callerIndexKey, mediaKey, metadataKey } from '../../../packages/message-store/src/keys.ts';
import { callerOf, mailboxOf } from '../load/deposits.ts';
import { folderMaker, placeAgain, placeObject, type LyingObject } from './place-object.ts';

/** Below what ext4 allows one file to have; each recording takes two for a version and its plain copy. */
const MESSAGES_OF_A_RECORDING = 30_000;

export interface PlacedMessages {
  readonly root: string;
  readonly tenant: string;
  readonly region: string;
  /** The text of the caller-hash key file. */
  readonly callerHashKey: string;
  /** Of the messages `from`, `from + step`, … below `to`. */
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly audio: Uint8Array;
  /** ms since the epoch. */
  readonly at: number;
}

export const placedMessageId = (index: number): string => `stored-${index}`;

/**
 * Places messages into a region's store as deposits would have left them there: index entry, media, metadata. All have one
 * recording, which is linked.
 */
export function placeMessages(options: PlacedMessages): void {
  const { root, tenant, region, audio, at, from, to, step } = options;
  const hashes = callerHashes(options.callerHashKey);
  const sha256 = createHash('sha256').update(audio).digest('hex');
  const time = new Date(at).toISOString();
  const newEtag = (): string => randomBytes(16).toString('hex');
  const makeFolderOf = folderMaker(root);
  let recording: LyingObject | null = null;
  let linked = 0;

  for (let index = from; index < to; index += step) {
    const [mailbox, messageId, callerId] = [mailboxOf(index), placedMessageId(index), callerOf(index)];
    const hash = hashes.current(tenant, callerId);
    const json = { contentType: 'application/json', at };
    const media = mediaKey(tenant, mailbox, messageId, 'wav');
    const entry = callerIndexKey(tenant, hash, mailbox, messageId);

    makeFolderOf(entry);
    const place = { time, places: [{ region, key: media }] };
    placeObject(root, { ...json, key: entry, tags: {}, etag: newEtag(), body: Buffer.from(JSON.stringify(place)) });

    makeFolderOf(media);
    const tags = { caller_id: hash };
    if (recording === null || linked % MESSAGES_OF_A_RECORDING === 0) {
      recording = placeObject(root, { key: media, body: audio, contentType: 'audio/wav', tags, etag: newEtag(), at });
    } else {
      placeAgain(root, media, recording);
    }
    linked += 1;

    const message: Metadata = {
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
      media: { key: media, contentType: 'audio/wav', size: audio.length, sha256 },
      revision: 1,
      modifiedAt: time,
    };
    const key = metadataKey(tenant, mailbox, messageId);
    placeObject(root, { ...json, key, tags, etag: newEtag(), body: Buffer.from(JSON.stringify(message)) });
  }
}
