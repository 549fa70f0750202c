import type { MessageState } from './message.ts';

/** A mailbox's counts. Urgent ones are part of `new` and `old` (RFC 3842 §3.5). */
export interface Counts {
  readonly new: number;
  readonly old: number;
  readonly urgentNew: number;
  readonly urgentOld: number;
}

/** What the counts know of one message. A `gone` entry stays, so that an older fact does not revive it. */
export interface CountEntry {
  readonly messageId: string;
  /** The message's revision; the higher one wins. */
  readonly revision: number;
  readonly state: MessageState | 'gone';
  readonly urgent: boolean;
}

export const NO_MESSAGES: Counts = { new: 0, old: 0, urgentNew: 0, urgentOld: 0 };

/** Whether what a fact says of a message is newer than what the counts know. */
export const isNewerEntry = (known: CountEntry | undefined, fact: CountEntry): boolean =>
  known === undefined || fact.revision > known.revision;

/** Counts from scratch. */
export function countEntries(entries: Iterable<CountEntry>): Counts {
  const counts = { ...NO_MESSAGES };
  for (const entry of entries) addEntry(counts, entry, 1);
  return counts;
}

/** Counts after one entry took the place of another. */
export function replaceEntry(counts: Counts, before: CountEntry | undefined, after: CountEntry): Counts {
  const changed = { ...counts };
  if (before !== undefined) addEntry(changed, before, -1);
  addEntry(changed, after, 1);
  return changed;
}

function addEntry(counts: { -readonly [K in keyof Counts]: number }, entry: CountEntry, by: 1 | -1): void {
  if (entry.state === 'gone') return;
  counts[entry.state] += by;
  if (entry.urgent) counts[entry.state === 'new' ? 'urgentNew' : 'urgentOld'] += by;
}

/**
 * The next revision of a mailbox: grows whatever was lost, because a clock in ms is one of its sources.
 * @param nowMs ms since the epoch.
 */
export const nextRevision = (stored: number, published: number, nowMs: number): number =>
  Math.max(stored + 1, published + 1, nowMs);
