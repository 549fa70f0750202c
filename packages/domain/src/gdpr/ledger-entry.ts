import type { HoldEntry } from './hold-entry.ts';

export type GdprOperation = 'forgetme' | 'undoforget' | 'exportme';

/** What is done to each message of one entry: marked, unmarked, its stub put and what it leaves erased. */
export type GdprStep = 'mark' | 'unmark' | 'delete';

/** One caller of a request: every keyed hash that stands for any form of the number. */
export interface CallerKey {
  readonly hashes: readonly string[];
  /** The caller-hash keys that the hashes are under: each stands for all of the caller. Entries of before keys were noted have none. */
  readonly keyIds?: readonly string[];
}

interface Of<K extends string> {
  readonly kind: K;
  readonly requestId: string;
  /** RFC 3339. */
  readonly at: string;
}

/** A request was taken in: from here on it has its place in the tenant's order. */
export interface Taken extends Of<'taken'> {
  readonly operation: GdprOperation;
  readonly callers: readonly CallerKey[];
  /** Part of it is what is from this time or before (CONTRACT section 1). */
  readonly cutoff: string;
  /** What is not done by then has failed. */
  readonly deadlineAt: string;
}

interface Attempted {
  /** How often it has been tried so far. Entries of before that was counted have none. */
  readonly attempts?: number;
}

/** Regions cannot be reached: nothing goes on before they can. */
export interface Waiting extends Of<'waiting'>, Attempted {
  readonly regions: readonly string[];
}

/** Every region answered: the request is in force from here on, and works on them in this order. */
export interface Began extends Of<'began'>, Attempted {
  readonly regions: readonly string[];
}

/** What is about to be done in a region; a `did` follows, else it may be half done. */
export interface Intends extends Of<'intends'> {
  readonly step: GdprStep;
  readonly region: string;
  /** `<mailbox>/<messageId>`, or `dead-letters/<id>`. */
  readonly things: readonly string[];
}

/** What was intended last is done. */
export interface Did extends Of<'did'> {
  readonly step: GdprStep;
  readonly region: string;
  /** How many were changed. */
  readonly changed: number;
}

/** Everything of the callers that a search finds is marked, now for the first time or once more. */
export interface Marked extends Of<'marked'> {
  /** Messages and dead letters of each caller, in the order of the callers. */
  readonly found: readonly Found[];
  /** The request that had marked all of it already. */
  readonly repeats?: string;
}

export interface Found {
  readonly messages: number;
  readonly deadLetters: number;
}

/** Legal holds keep everything that is left of it. Told again where their end is another one. */
export interface RequestHeld extends Of<'held'> {
  /** RFC 3339: when the last of them ends; null: one has no end. */
  readonly until: string | null;
}

/** Every mark is taken back. */
export interface Undone extends Of<'undone'> {
  readonly found: readonly Found[];
}

/** What there is of the callers is counted, in every region: the package may be read. */
export interface Exported extends Of<'exported'> {
  readonly found: readonly Found[];
}

/** Nothing is left to be found: what still comes is not stored any more, and one more search follows. */
export type Erasing = Of<'erasing'>;

/** That search found nothing either. */
export type Erased = Of<'erased'>;

/** The numbers as they were sent are gone: every caller of the request is erased. */
export type NumbersErased = Of<'numbers-erased'>;

/** It will not be done. */
export interface Failed extends Of<'failed'> {
  readonly reason: string;
}

/** An entry of a tenant's ledger about a request. */
export type RequestEntry =
  | Taken
  | Waiting
  | Began
  | Intends
  | Did
  | Marked
  | RequestHeld
  | Undone
  | Exported
  | Erasing
  | Erased
  | NumbersErased
  | Failed;

/** An entry of a tenant's ledger. They are numbered, and each number is given once. */
export type LedgerEntry = RequestEntry | HoldEntry;
