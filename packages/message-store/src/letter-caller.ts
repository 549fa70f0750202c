import { InvalidEvent, readRecord } from '@voicemail/contracts';
import { CALLER_TAG } from './caller-tags.ts';
import type { DeadLetterDocument } from './documents.ts';
import { ForAPerson } from './for-a-person.ts';
import type { Document } from './read-document.ts';

/**
 * The caller that a dead letter's record names, read as it was when the letter was kept: null where it names none, undefined where that
 * cannot be read. The letter itself holds a keyed hash at most.
 * @param value the record's bytes; null for a tombstone.
 */
function callerOfLetter(
  { topic, key, headers }: DeadLetterDocument,
  value: Uint8Array | null,
): string | null | undefined {
  try {
    const event = readRecord(topic, { key, value, headers });
    return event.kind === 'deposit' ? event.data.callerId : null;
  } catch (error) {
    if (error instanceof InvalidEvent) return error.callerId;
    throw error;
  }
}

/**
 * The same of a letter whose record was read; null where there is no caller.
 * @throws ForAPerson where the record is under a caller's tag and does not tell the caller any more.
 */
export function mustTellCaller(letter: DeadLetterDocument, record: Document): string | null {
  const callerId = callerOfLetter(letter, letter.hasValue ? record.bytes : null);
  if (typeof callerId === 'string' || record.tags[CALLER_TAG] === undefined) return callerId ?? null;
  throw new ForAPerson('the caller of the dead letter cannot be read from its record');
}
