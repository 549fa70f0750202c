/** `new` until it was listened to, then `old` (RFC 3842 §3.5). */
export type MessageState = 'new' | 'old';
export type Priority = 'normal' | 'urgent';
/** Why a message is gone; `swept` is the claim of the orphan sweep or of a forward's withdrawal, which a deposit or a forward may replace. */
export type GoneReason = 'user' | 'forgetme' | 'retention' | 'swept';

/** Where an action stands among the others of its message: by its time, then by its event id. */
export interface ActionOrder {
  /** RFC 3339. */
  readonly at: string;
  readonly id: string;
}

/** A message's metadata as it is stored, field by field (CONTRACT section 4). Times are RFC 3339 in UTC with milliseconds. */
export interface Metadata {
  readonly tenant: string;
  readonly mailbox: string;
  readonly messageId: string;
  /** As received; null for an anonymous caller. */
  readonly callerId: string | null;
  readonly state: MessageState;
  readonly priority: Priority;
  readonly private: boolean;
  /** null where neither the publisher nor the media says. */
  readonly durationMs: number | null;
  readonly depositedAt: string;
  /** The message's time: the earlier of `depositedAt` and the moment the log took the record (CONTRACT section 1). */
  readonly time: string;
  /** The region that holds the media. */
  readonly region: string;
  readonly media: Media;
  /** 1 when deposited, one more with every change that is announced. */
  readonly revision: number;
  /** The last-modified time that the deletion rule goes by (CONTRACT section 5). */
  readonly modifiedAt: string;
  readonly lastAction?: ActionOrder;
  /** The event of the last forward that was counted as a change, so that its repetition is not. */
  readonly lastForwardId?: string;
  readonly forwardedFrom?: { readonly mailbox: string; readonly messageId: string };
  /** Since when it is marked for deletion; absent where it is not. */
  readonly forgetMarkedAt?: string;
  readonly forgetRequestIds?: readonly string[];
}

export interface Media {
  readonly key: string;
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  /** Hex. */
  readonly sha256: string;
}

/** What stands in place of the metadata of a deleted message, for 35 days. It counts as absent everywhere. */
export interface Stub {
  readonly tenant: string;
  readonly mailbox: string;
  readonly messageId: string;
  readonly gone: true;
  readonly reason: GoneReason;
  readonly revision: number;
  readonly goneAt: string;
  /** Of a claim: what is about to be removed. */
  readonly claims?: readonly ClaimedObject[];
}

/** A recording, or the entry of a mark, as it was seen before the claim: it will be removed only as that. */
export interface ClaimedObject {
  readonly region: string;
  readonly key: string;
  readonly etag: string;
}

/** What may stand under a message's metadata key. */
export type MessageRecord = Metadata | Stub;

export const isStub = (record: MessageRecord): record is Stub => 'gone' in record;

/** Whether this is the orphan sweep's claim, which says that nothing was there: whatever comes takes its place. */
export const isSwept = (record: MessageRecord): record is Stub => isStub(record) && record.reason === 'swept';

/** The stub that deletes a message: its revision goes on from the message's. */
export function stubOf(
  message: Pick<Metadata, 'tenant' | 'mailbox' | 'messageId' | 'revision'>,
  reason: GoneReason,
  goneAt: string,
): Stub {
  const { tenant, mailbox, messageId, revision } = message;
  return { tenant, mailbox, messageId, gone: true, reason, revision: revision + 1, goneAt };
}

/** The earlier of two RFC 3339 times, as UTC with milliseconds. */
export function earlier(a: string, b: string): string {
  return new Date(Math.min(Date.parse(a), Date.parse(b))).toISOString();
}
