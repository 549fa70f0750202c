import type { Metadata } from '@voicemail/domain';
import type { DeadLetterDocument } from '@voicemail/message-store';

/**
 * What became of something that a search found: its bytes are in the package; it was deleted before its turn came; or the message is there
 * and its recording is not.
 */
export type Outcome = 'included' | 'gone' | 'recording-missing';

/** A line of the index. What is gone is named, and told of no more. */
export interface MessageLine extends Partial<
  Pick<
    Metadata,
    'callerId' | 'state' | 'priority' | 'private' | 'durationMs' | 'depositedAt' | 'region' | 'forwardedFrom'
  >
> {
  readonly mailbox: string;
  readonly messageId: string;
  readonly status: Outcome;
  /** null where the package has none. */
  readonly file: string | null;
  readonly contentType?: string;
  /** Bytes. */
  readonly size?: number;
  /** Hex: as the recording was taken in. */
  readonly sha256?: string;
  /** Since when it is marked for deletion. */
  readonly forgetMarkedAt?: string;
}

/** A rejected record of a caller, which never became a message. */
export interface LetterLine extends Partial<
  Pick<DeadLetterDocument, 'topic' | 'reason' | 'takenAt' | 'region' | 'headers'>
> {
  readonly id: string;
  readonly status: Outcome;
  readonly file: string | null;
  readonly size?: number;
  readonly sha256?: string;
  /** The recording that was staged for the record, where it names one. */
  readonly staged?: StagedLine;
}

export interface StagedLine {
  /** null: it lies in no region any more. */
  readonly file: string | null;
  /** Bytes. */
  readonly size?: number;
  readonly sha256?: string;
}

export interface CallerLine {
  /** The number as it was sent; `caller-1` and so on where it is erased. */
  readonly caller: string;
  readonly erased: boolean;
  /** When the request was carried out; null where it was not counted. */
  readonly found: { readonly messages: number; readonly deadLetters: number } | null;
  /** In the package, of this caller. */
  readonly files: readonly string[];
}

/** What a package says of itself. */
export interface Contents {
  readonly requestId: string;
  readonly tenant: string;
  /** Nothing of after it is in the package. */
  readonly cutoff: string;
  /** When the package was made. */
  readonly createdAt: string;
  readonly callers: readonly CallerLine[];
  /** By their time. */
  readonly messages: readonly MessageLine[];
  readonly deadLetters: readonly LetterLine[];
}
