import { StoreError } from '@voicemail/object-store';
import type { Clock } from '@voicemail/runtime';
import { MAX_WAIT_MS, WAIT_STEP_MS } from './limits.ts';

/**
 * Looks whether what was appended to the log has taken effect, for as long as a call may take; null after that. A store that
 * cannot be read meanwhile shows nothing: the event is durable, and a refusal would have it sent again.
 */
export async function waitUntil<T>(clock: Clock, look: () => Promise<T | null>): Promise<T | null> {
  const untilMs = clock.monotonicMs() + MAX_WAIT_MS;
  for (;;) {
    const seen = await look().catch((error: unknown) => {
      if (error instanceof StoreError && error.retryable) return null;
      throw error;
    });
    if (seen !== null || clock.monotonicMs() >= untilMs) return seen;
    await clock.sleep(WAIT_STEP_MS);
  }
}
