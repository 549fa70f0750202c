import type { Clock, Ids } from '@voicemail/runtime';
import { backoffMs } from '../delivery/backoff.ts';
import type { Assignment } from './assignment.ts';
import { FENCE_PAUSE } from './consumer-limits.ts';
import type { Fence } from './fence.ts';

export interface FencesParts {
  readonly assignment: Assignment;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'random'>;
  /** A partition's fence is open. */
  readonly opened: () => void;
  /** One could not be opened, and is tried again. */
  readonly failed: (error: unknown, attempt: number) => void;
}

/** Opens the fences of an assignment, beside each other, again and again while they may be had. */
export class Fences {
  readonly #fences: readonly Fence[];

  constructor(parts: FencesParts) {
    this.#fences = parts.assignment.lanes.flatMap(({ fence }) => fence ?? []);
    for (const fence of this.#fences) void open(fence, parts);
  }

  /** Ends them all, and resolves when none has anything under way. Never rejects. */
  async close(): Promise<void> {
    await Promise.all(this.#fences.map((fence) => fence.close()));
  }
}

/** Never rejects. */
async function open(fence: Fence, { assignment, clock, ids, opened, failed }: FencesParts): Promise<void> {
  for (let attempt = 1; assignment.isOpen && !fence.isOver; attempt += 1) {
    try {
      await fence.open();
      return opened();
    } catch (error) {
      // The group is about to be formed anew, and whoever gets the partition then opens it.
      if (fence.isOver) return;
      failed(error, attempt);
    }
    // Ended early by the end of the assignment, and so of the loop.
    await clock.sleep(backoffMs(attempt, FENCE_PAUSE, ids.random()), assignment.pauses).catch(() => {});
  }
}
