import { systemClock, type Clock } from '@voicemail/runtime';

/** What is done no more often than this is put off for ever. */
const RARE_MS = 5_000;

/**
 * The machine's clock on which sweeps, purges and trims never fall due: they are done now and then, in the background, and a
 * measurement of seconds meets them by chance alone.
 */
export function quietClock(): Clock {
  const clock = systemClock();
  return {
    ...clock,
    sleep: (ms, signal) => (ms < RARE_MS ? clock.sleep(ms, signal) : untilAborted(signal)),
  };
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal === undefined) return;
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
