import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';

export interface WaitOptions {
  /** How long to look; 30 s unless told: a slow machine is no fault. */
  readonly limitMs?: number;
  /** Pause between two looks; 20 ms unless told. */
  readonly everyMs?: number;
}

/**
 * Looks again and again until what it sees will do, and gives that. A look that rejects is a look at an error.
 * @param what the condition in words, for the error.
 * @throws Error after the limit, with what was last seen.
 */
export async function waitFor<T>(
  what: string,
  look: () => T | Promise<T>,
  done: (seen: T) => boolean = Boolean,
  { limitMs = 30_000, everyMs = 20 }: WaitOptions = {},
): Promise<T> {
  const untilMs = performance.now() + limitMs;
  for (;;) {
    let last: string;
    let cause: unknown;
    try {
      const seen = await look();
      if (done(seen)) return seen;
      last = inspect(seen, { depth: 6, maxStringLength: 2_000 });
    } catch (error) {
      cause = error;
      last = `an error: ${error instanceof Error ? error.message : inspect(error)}`;
    }
    if (performance.now() >= untilMs) {
      throw new Error(`Waited ${limitMs} ms for this, in vain: ${what}. Last seen: ${last}`, { cause });
    }
    await pause(everyMs);
  }
}
