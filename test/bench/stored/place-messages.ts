import { callerHashes } from '@voicemail/message-store';
import { callerNumber, callerOf, mailboxOf } from '../load/deposits.ts';
import { messageObjects, type MessageName } from './message-objects.ts';
import { filePlacer } from './place-file.ts';
import { storePlacer } from './place-object.ts';
import type { Placer } from './placer.ts';

/** Below what ext4 allows one file to have; each recording takes two for a version and its plain copy. */
const MESSAGES_OF_A_RECORDING = 30_000;

export interface PlacedMessages {
  readonly root: string;
  /** How objects lie there: as in a store of the file system, or as plain files. */
  readonly as: 'versions' | 'files';
  readonly tenant: string;
  readonly region: string;
  /** The text of the caller-hash key file. */
  readonly callerHashKey: string;
  /** Of the messages `from`, `from + step`, … below `to`. */
  readonly from: number;
  readonly to: number;
  readonly step: number;
  /** So many in a row are of one caller; null: callers are those of a load. */
  readonly ofOneCaller: number | null;
  readonly audio: Uint8Array;
  /** Each has its recording for itself, as what is changed or deleted afterwards must; otherwise all are links to a few. */
  readonly ownRecordings?: boolean;
  /** ms since the epoch. */
  readonly at: number;
}

export const placedMessageId = (index: number): string => `stored-${index}`;

export const placedMessage = (index: number, ofOneCaller: number | null): MessageName => ({
  mailbox: mailboxOf(index),
  messageId: placedMessageId(index),
  callerId: ofOneCaller === null ? callerOf(index) : callerNumber(Math.floor(index / ofOneCaller)),
});

/** Places messages of a volume or of S3 as deposits would have left them there. All have one recording, which is linked unless told otherwise. */
export function placeMessages(options: PlacedMessages): void {
  const { root } = options;
  if (options.as === 'files') placeAll(options, filePlacer(root));
  else placeAll(options, storePlacer(root));
}

function placeAll<T>(options: PlacedMessages, placer: Placer<T>): void {
  const { from, to, step, at, ofOneCaller, ownRecordings = false } = options;
  const hashes = callerHashes(options.callerHashKey);
  const objectsOf = messageObjects({ ...options, hashes, tagSearch: false });
  let recording: { readonly lying: T } | null = null;
  let linked = 0;
  for (let index = from; index < to; index += step) {
    const { entry, media, metadata } = objectsOf(placedMessage(index, ofOneCaller));
    if (entry !== null) placer.place(entry, at);
    if (recording === null || ownRecordings || linked % MESSAGES_OF_A_RECORDING === 0)
      recording = { lying: placer.place(media, at) };
    else placer.placeAgain(media.key, recording.lying);
    linked += 1;
    placer.place(metadata, at);
  }
}
