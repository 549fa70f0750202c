import type { Clock } from '@voicemail/runtime';
import { isSame, type Credentials, type Identity } from './credentials.ts';

/** For how long credentials are used before a look whether they were exchanged. */
const BELIEVED_MS = 2_000;
/** Where one half of a pair was new and the pair was refused, the other half is waited for as long as this. */
const HALF_WAITS_MS = [100, 200, 400, 800];

/**
 * Credentials from files that are exchanged while in use. Who exchanges them by hand writes one file after the other, so a pair
 * of which only one half is new is not taken as long as the old one is good, or until a second look finds the same; and what
 * cannot be read just now does not take the place of what could.
 */
export function rotatingCredentials(read: () => Promise<Identity>, clock: Clock): Credentials {
  let held: Identity | null = null;
  /** What the last look found and did not take. */
  let unsettled: Identity | null = null;
  /** What was taken although only one half of it was new, as the old one was refused. */
  let halfNew: Identity | null = null;
  let lookAfterMs = Number.NEGATIVE_INFINITY;

  const hold = (identity: Identity): Identity => {
    held = identity;
    unsettled = null;
    return identity;
  };

  const atHand = (): Identity | null => (clock.monotonicMs() < lookAfterMs ? held : null);

  return {
    atHand,
    present: async () => {
      const known = atHand();
      if (known !== null) return known;
      const nowMs = clock.monotonicMs();
      lookAfterMs = nowMs + BELIEVED_MS;
      let found: Identity;
      try {
        found = await read();
      } catch (error) {
        if (held === null) throw error;
        return held;
      }
      if (held === null || !isHalfNew(held, found)) return hold(found);
      if (unsettled !== null && isSame(unsettled, found)) return hold(found);
      unsettled = found;
      return held;
    },

    changedSince: async (refused) => {
      const mayBeHalf = halfNew !== null && isSame(halfNew, refused);
      for (const waitMs of [0, ...HALF_WAITS_MS]) {
        if (waitMs > 0) await clock.sleep(waitMs);
        // What cannot be read is being written, and the refusal says more.
        const found = await read().catch(() => null);
        if (found !== null && !isSame(found, refused)) {
          halfNew = isHalfNew(refused, found) ? found : null;
          hold(found);
          return true;
        }
        if (found !== null && !mayBeHalf) return false;
      }
      return false;
    },
  };
}

const isHalfNew = (held: Identity, found: Identity): boolean =>
  (held.accessKeyId === found.accessKeyId) !== (held.secretAccessKey === found.secretAccessKey);
