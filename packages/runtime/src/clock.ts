/**
 * The only source of time. Wall time for what is written down, monotonic time for bounds and timeouts,
 * and sleeping, so that a test moves time instead of waiting for it.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. May jump: never measure with it. */
  now(): number;
  /** Milliseconds on a scale that only grows; its zero means nothing. */
  monotonicMs(): number;
  /** Resolves after `ms`. Rejects with the signal's reason when `signal` aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `then` after `ms`, unless what it returns was called before: a bound that is hardly ever met, for which a sleep with a signal costs too much. */
  after(ms: number, then: () => void): () => void;
}

/** The machine's clock, its wall time moved by `offsetMs` (CONTRACT section 10, `CLOCK_OFFSET`). */
export function systemClock(offsetMs = 0): Clock {
  return {
    now: () => Date.now() + offsetMs,
    monotonicMs: () => performance.now(),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const timer = setTimeout(() => {
          signal?.removeEventListener('abort', stop);
          resolve();
        }, ms);
        const stop = (): void => {
          clearTimeout(timer);
          reject(signal?.reason as Error);
        };
        signal?.addEventListener('abort', stop, { once: true });
      }),
    after: (ms, then) => {
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
  };
}
