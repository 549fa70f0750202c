import type { Clock } from '@voicemail/runtime';
import { MAX_WAIT_MS, WAIT_STEP_MS } from './limits.ts';

/** Looks until there is something to see, for as long as a call may take; null after that. */
export async function waitUntil<T>(clock: Clock, look: () => Promise<T | null>): Promise<T | null> {
  const untilMs = clock.monotonicMs() + MAX_WAIT_MS;
  for (;;) {
    const seen = await look();
    if (seen !== null || clock.monotonicMs() >= untilMs) return seen;
    await clock.sleep(WAIT_STEP_MS);
  }
}
