import { RETRY_DELAYS } from './limits.ts';

const MINUTE_MS = 60_000;
/** Whatever waits is tried again at least this often, and so seen again. */
const SEEN_AGAIN_WITHIN_MS = Math.max(...RETRY_DELAYS.map(({ ms }) => ms)) + MINUTE_MS;

/** The oldest record that waits to be tried again, as far as it was seen since the longest pause between two attempts. */
export interface WaitingAge {
  /** A record went on to wait. Both ms since the epoch. */
  note(firstTakenMs: number, nowMs: number): void;
  /** When the oldest waiting one was first taken; null where none waits. It may have been done minutes ago. */
  oldest(nowMs: number): number | null;
}

export function waitingAge(): WaitingAge {
  /** The oldest of those that were seen within one minute, so that a backlog of any size takes a few numbers. */
  const oldestByMinute = new Map<number, number>();
  return {
    note: (firstTakenMs, nowMs) => {
      const minute = Math.floor(nowMs / MINUTE_MS);
      oldestByMinute.set(minute, Math.min(firstTakenMs, oldestByMinute.get(minute) ?? firstTakenMs));
    },
    oldest: (nowMs) => {
      for (const minute of oldestByMinute.keys()) {
        if (nowMs - minute * MINUTE_MS > SEEN_AGAIN_WITHIN_MS + MINUTE_MS) oldestByMinute.delete(minute);
      }
      return oldestByMinute.size === 0 ? null : Math.min(...oldestByMinute.values());
    },
  };
}
