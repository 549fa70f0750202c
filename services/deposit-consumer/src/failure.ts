import { InvalidEvent } from '@voicemail/contracts';
import type { FailureClass } from '@voicemail/event-log';
import { Refusal } from '@voicemail/message-store';
import { StoreError } from '@voicemail/object-store';
import { NotThereYet } from './handle-action.ts';
import { MAX_AGE_MS, NOT_FOUND_MAX_AGE_MS } from './limits.ts';

/** What a handler's failure asks for. What is not known is tried again: a deposit is never given up for a fault of ours. */
export function classifyFailure(error: unknown): FailureClass {
  if (error instanceof InvalidEvent || error instanceof Refusal) return 'dead';
  // A damaged document, a name that no store holds: the record is kept as a dead letter, for a person to put right and replay.
  if (error instanceof StoreError && !error.retryable) return 'dead';
  return error instanceof NotThereYet || takesAWhile(error) ? 'later' : 'in-place';
}

/** A store that gave no answer, or asks to be left alone, is not better in a moment: a record that waits for it holds a place that others need. */
const takesAWhile = (error: unknown): boolean =>
  error instanceof StoreError && (error.kind === 'timeout' || error.retryAfterMs !== null);

/** How long after its first taking a record that fails like this is tried again, ms. */
export const maxAgeMs = (error: unknown): number => (error instanceof NotThereYet ? NOT_FOUND_MAX_AGE_MS : MAX_AGE_MS);
