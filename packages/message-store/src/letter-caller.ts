import { InvalidEvent, readRecord } from '@voicemail/contracts';
import type { DeadLetterDocument } from './documents.ts';

/**
 * The caller that a dead letter's record names, read as it was when the letter was kept: null where it names none, undefined where that
 * cannot be read. The letter itself holds a keyed hash at most.
 * @param value the record's bytes; null for a tombstone.
 */
export function callerOfLetter(
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
