/** Bounds of a pause between attempts, in ms. */
export interface BackoffBounds {
  /** The longest pause before the second attempt. */
  readonly baseMs: number;
  /** The longest pause of all. */
  readonly maxMs: number;
}

/**
 * The pause after attempt number `attempt` (1 is the first one) failed: anything between 0 and a bound that doubles with each attempt
 * ("full jitter"), so that many workers that failed together do not come back together.
 * @param random a number in [0, 1), see `Ids`.
 */
export function backoffMs(attempt: number, bounds: BackoffBounds, random: () => number): number {
  const doublings = Math.min(Math.max(0, attempt - 1), MAX_DOUBLINGS);
  return random() * Math.min(bounds.maxMs, bounds.baseMs * 2 ** doublings);
}

/** Beyond this the bound is past any `maxMs` in use, and 2 ** n would end in Infinity. */
const MAX_DOUBLINGS = 30;
