import type { CallerKey } from './ledger-entry.ts';

/** What a legal hold is on: all of a caller, what comes later too, or one message. */
export type HoldSubject = HeldCaller | HeldMessage;

export interface HeldCaller extends CallerKey {
  readonly kind: 'caller';
}

export interface HeldMessage {
  readonly kind: 'message';
  readonly mailbox: string;
  readonly messageId: string;
}

interface Of<K extends string> {
  readonly kind: K;
  readonly holdId: string;
  /** RFC 3339. */
  readonly at: string;
}

/** From here on neither the deletion rule nor retention deletes what it is on. */
export interface HoldPlaced extends Of<'hold-placed'> {
  readonly subject: HoldSubject;
  /** Why, in the words of whoever placed it. */
  readonly reason: string;
  /** RFC 3339: it ends by itself then; null: when it is released. */
  readonly until: string | null;
}

/** It ends now. */
export type HoldReleased = Of<'hold-released'>;

/** The number as it was sent is gone. */
export type HoldNumberErased = Of<'hold-number-erased'>;

/** An entry of a tenant's ledger about a legal hold. */
export type HoldEntry = HoldPlaced | HoldReleased | HoldNumberErased;
