import type { Clock } from '@voicemail/runtime';

/** Waits for `work`, but no longer than `limitMs`. @returns whether it has ended. @throws what it throws meanwhile. */
export async function waitAtMost(work: Promise<unknown>, limitMs: number, clock: Clock): Promise<boolean> {
  const limit = new AbortController();
  const tooLong = clock.sleep(limitMs, limit.signal).then(
    () => false,
    // Only when `work` has ended, and then nobody waits for it.
    () => true,
  );
  try {
    return await Promise.race([work.then(() => true), tooLong]);
  } finally {
    limit.abort();
  }
}
