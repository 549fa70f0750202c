import type { Clock } from '@voicemail/runtime';
import type { Assignment } from './assignment.ts';
import { COMMIT_PAUSE_MS, COMMIT_RETRY_MS } from './consumer-limits.ts';

/** Commits how far an assignment is done: one commit at a time, and with a pause between two unless somebody waits. */
export class Commits {
  readonly #assignment: Assignment;
  readonly #clock: Clock;
  readonly #failed: (error: unknown) => void;
  #isDue = false;
  #underWay: Promise<void> | null = null;

  /** @param failed told of a commit that failed; it is tried again. */
  constructor(assignment: Assignment, clock: Clock, failed: (error: unknown) => void) {
    this.#assignment = assignment;
    this.#clock = clock;
    this.#failed = failed;
  }

  /** Something was done: commits soon. */
  note(pauseMs = COMMIT_PAUSE_MS): void {
    if (this.#isDue || this.#assignment.isReleased) return;
    this.#isDue = true;
    void this.#clock.sleep(pauseMs, this.#assignment.pauses).then(
      () => {
        this.#isDue = false;
        this.flush().catch((error: unknown) => {
          if (this.#assignment.isReleased) return;
          this.#failed(error);
          this.note(COMMIT_RETRY_MS);
        });
      },
      // Whoever ends the pauses commits.
      () => {},
    );
  }

  /** Resolves when all that is done at the call is committed. @throws what the client throws. */
  async flush(): Promise<void> {
    while (this.#underWay !== null) await this.#underWay.catch(() => {});
    this.#underWay = this.#assignment.commit().finally(() => {
      this.#underWay = null;
    });
    await this.#underWay;
  }
}
