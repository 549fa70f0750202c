import { setImmediate as turn } from 'node:timers/promises';
import { around, type ObjectStore } from '@voicemail/object-store';
import { systemClock, type Clock } from '@voicemail/runtime';

/** The bounds of the work on requests are so long, and longer; what is shorter is slept. */
const LEAPT_MS = 5_000;
/** Turns of the event loop in which no call of the stores is under way: then nothing goes on that a bound is waiting for. */
const QUIET_TURNS = 4;

/** A clock that leaps over the bounds of the work on requests, so that they are not in what is measured. */
export interface LeapingClock extends Clock {
  /** Moves its time on, without a wait. */
  leap(ms: number): void;
  /** Has the clock know of a store's calls: as long as one is under way it does not leap, for a store that answers is not late. */
  watch(store: ObjectStore): ObjectStore;
}

export function leapingClock(): LeapingClock {
  const clock = systemClock();
  let leaptMs = 0;
  let underWay = 0;
  let idle = Promise.withResolvers<void>();
  const quiet = async (signal: AbortSignal | undefined): Promise<void> => {
    for (let turns = 0; turns < QUIET_TURNS; turns += 1) {
      if (underWay > 0) {
        turns = 0;
        await idle.promise;
      }
      await turn();
      signal?.throwIfAborted();
    }
  };
  return {
    ...clock,
    now: () => clock.now() + leaptMs,
    sleep: (ms, signal) => (ms < LEAPT_MS ? clock.sleep(ms, signal) : quiet(signal)),
    leap: (ms) => void (leaptMs += ms),
    watch: (store) =>
      around(store, {
        call: async (_operation, _key, run) => {
          if (underWay === 0) idle = Promise.withResolvers<void>();
          underWay += 1;
          try {
            return await run();
          } finally {
            underWay -= 1;
            if (underWay === 0) idle.resolve();
          }
        },
        items: (_operation, _prefix, run) => run(),
      }),
  };
}
