export interface BackoffBounds {
  /** The longest first pause. */
  readonly baseMs: number;
  /** No pause is longer than this. */
  readonly capMs: number;
}

/**
 * The pause after the `attempt`th failure (1 is the first): exponential, with full jitter, so that many keys which
 * failed together do not come back together.
 * @param random a number in [0, 1).
 */
export function backoffMs(attempt: number, bounds: BackoffBounds, random: number): number {
  const ceilingMs = Math.min(bounds.capMs, bounds.baseMs * 2 ** Math.min(attempt - 1, 52));
  return Math.ceil(ceilingMs * random);
}
