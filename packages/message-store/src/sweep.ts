import { StoreError } from '@voicemail/object-store';
import type { NotErased } from './erase.ts';
import { Refusal } from './refusal.ts';
import type { MessageRef } from './update-message.ts';

export const DAY_MS = 86_400_000;
/** What nobody seems to need any more is left alone this long: whoever writes it may still come back. */
export const ORPHAN_AGE_MS = 7 * DAY_MS;

/** What every sweep needs. It rejects when `signal` aborts. */
export interface SweepOptions {
  /** ms since the epoch. */
  readonly nowMs: number;
  readonly signal: AbortSignal;
  /** Told of what could not be swept: it is passed over, and tried again by the next sweep. */
  readonly onFailure: (error: StoreError | Refusal, what: Partial<MessageRef>) => void;
  /** Told of what a store keeps of what was removed. */
  readonly onNotErased: (left: NotErased) => void;
}

/** Runs one piece of a sweep; null where its store failed it, or the tenant does not have its region any more. */
export async function passOver<T>(
  { signal, onFailure }: SweepOptions,
  what: Partial<MessageRef>,
  run: () => Promise<T>,
): Promise<T | null> {
  signal.throwIfAborted();
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof StoreError) && !(error instanceof Refusal)) throw error;
    onFailure(error, what);
    return null;
  }
}
