import type { Clock } from '@voicemail/runtime';

/** Sleeps until the time is over or the signal says stop; says which by the signal alone. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/**
 * Does `work` again and again, `intervalMs` after it ended, until the signal says stop. What it rejects with goes to `onFailure`, and the
 * next round tries again.
 */
export async function every(
  clock: Clock,
  intervalMs: number,
  signal: AbortSignal,
  work: () => Promise<unknown>,
  onFailure: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
    } catch (error) {
      if (!signal.aborted) onFailure(error);
    }
    await pause(clock, intervalMs, signal);
  }
}
