import type { Clock } from './clock.ts';

/** A clock that stands still until it is told to move: both scales move together, sleepers wake in order of their time. */
export interface ManualClock extends Clock {
  /** Moves time on by `ms`, waking each sleeper at its own moment and letting it run before the next. */
  advance(ms: number): Promise<void>;
  /** Moves wall time alone, as an operator or NTP does; may go back. */
  jumpWall(ms: number): void;
}

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** @param startMs wall time at the start, in ms since the epoch. */
export function manualClock(startMs: number): ManualClock {
  let wallMs = startMs;
  let monotonicMs = 0;
  const sleepers = new Set<Sleeper>();
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const next = (untilMs: number): Sleeper | undefined => {
    let first: Sleeper | undefined;
    for (const sleeper of sleepers) {
      if (sleeper.dueMs <= untilMs && (first === undefined || sleeper.dueMs < first.dueMs)) first = sleeper;
    }
    return first;
  };
  const after: Clock['after'] = (ms, then) => {
    const sleeper: Sleeper = { dueMs: monotonicMs + Math.max(0, ms), wake: then };
    sleepers.add(sleeper);
    return () => void sleepers.delete(sleeper);
  };
  return {
    now: () => wallMs,
    monotonicMs: () => monotonicMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const stop = (): void => {
          cancel();
          reject(signal?.reason as Error);
        };
        const cancel = after(ms, () => {
          signal?.removeEventListener('abort', stop);
          resolve();
        });
        signal?.addEventListener('abort', stop, { once: true });
      }),
    after,
    jumpWall: (ms) => {
      wallMs += ms;
    },
    advance: async (ms) => {
      const untilMs = monotonicMs + ms;
      await settle();
      for (let sleeper = next(untilMs); sleeper !== undefined; sleeper = next(untilMs)) {
        sleepers.delete(sleeper);
        const stepMs = Math.max(0, sleeper.dueMs - monotonicMs);
        monotonicMs += stepMs;
        wallMs += stepMs;
        sleeper.wake();
        await settle();
      }
      wallMs += untilMs - monotonicMs;
      monotonicMs = untilMs;
      await settle();
    },
  };
}
