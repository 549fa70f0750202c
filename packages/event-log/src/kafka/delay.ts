import type { Clock } from '@voicemail/runtime';
import { MAX_DELAY_SLEEP_MS, MIN_DELAY_SLEEP_MS } from './consumer-limits.ts';

/** Says when the records of a delayed partition are due: once they have been in the log for `delayMs`. */
export class Delay {
  readonly #delayMs: number;
  readonly #clock: Clock;
  /** What was appended up to then was slept for, and is due even if the wall clock went back meanwhile. */
  #sleptForMs = -Infinity;

  constructor(delayMs: number, clock: Clock) {
    this.#delayMs = delayMs;
    this.#clock = clock;
  }

  isDue(appendedAt: number): boolean {
    return appendedAt <= this.#sleptForMs || appendedAt + this.#delayMs <= this.#clock.now();
  }

  /** Resolves when it is worth asking again. Rejects when `signal` aborts. */
  async sleep(appendedAt: number, signal: AbortSignal): Promise<void> {
    // A record that the wall clock, set back since, puts into the future waits for its delay and no longer.
    const waitMs = Math.min(appendedAt + this.#delayMs - this.#clock.now(), this.#delayMs);
    await this.#clock.sleep(Math.min(Math.max(waitMs, MIN_DELAY_SLEEP_MS), MAX_DELAY_SLEEP_MS), signal);
    if (waitMs <= MAX_DELAY_SLEEP_MS) this.#sleptForMs = Math.max(this.#sleptForMs, appendedAt);
  }
}
