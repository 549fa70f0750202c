import type { Clock } from '@voicemail/runtime';

/** Memory for parts of bodies. */
export interface Rooms {
  /** One of its own until it is given back. */
  take(clock: Pick<Clock, 'after'>): Promise<Uint8Array>;
  giveBack(room: Uint8Array): void;
}

export interface RoomsOptions {
  /** Of each. */
  readonly bytes: number;
  /** So many are in use at once where they come back in time. */
  readonly maxUsual: number;
  /** So long one that comes back is waited for; then there is one more. A body that comes slowly must not keep others waiting. */
  readonly waitMs: number;
}

/**
 * Rooms that are used again: made anew for each body, they would leave the process's memory in pieces that are too small for the next. Who
 * waited longest gets the one that comes back.
 */
export function rooms({ bytes, maxUsual, waitMs }: RoomsOptions): Rooms {
  const free: Uint8Array[] = [];
  const waiting: ((room: Uint8Array) => void)[] = [];
  let inUse = 0;

  const another = (): Uint8Array => {
    inUse += 1;
    return free.pop() ?? Buffer.allocUnsafeSlow(bytes);
  };
  const nextBack = async (clock: Pick<Clock, 'after'>): Promise<Uint8Array> => {
    const { promise, resolve } = Promise.withResolvers<Uint8Array>();
    const given = (room: Uint8Array): void => {
      stop();
      resolve(room);
    };
    waiting.push(given);
    const stop = clock.after(waitMs, () => {
      waiting.splice(waiting.indexOf(given), 1);
      resolve(another());
    });
    return promise;
  };

  return {
    take: async (clock) => (inUse < maxUsual ? another() : nextBack(clock)),
    giveBack: (room) => {
      const longest = waiting.shift();
      if (longest !== undefined) return longest(room);
      inUse -= 1;
      if (inUse + free.length < maxUsual) free.push(room);
    },
  };
}
