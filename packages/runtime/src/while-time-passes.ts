import type { ManualClock } from './manual-clock.ts';

export interface PassingOptions {
  /** By how much the clock is moved at once. */
  readonly stepMs: number;
  /** Whether something real is at work, such as a store: no time passes meanwhile, else a moment of its would be minutes of the clock's. */
  readonly isBusy?: () => boolean;
  /** What is done between two steps. */
  readonly between?: () => Promise<void>;
}

/** Turns of the event loop between two steps, for what goes on between two pieces of real work. */
const TURNS_PER_STEP = 4;

/** Lets a manual clock's time pass until something that waits for it is over. */
export async function whileTimePasses<T>(
  clock: ManualClock,
  waiting: Promise<T>,
  { stepMs, isBusy = () => false, between }: PassingOptions,
): Promise<T> {
  const over = new AbortController();
  const end = (): void => over.abort();
  waiting.then(end, end);
  while (!over.signal.aborted) {
    await between?.();
    for (let turn = 0; !over.signal.aborted && (turn < TURNS_PER_STEP || isBusy()); turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (!over.signal.aborted) await clock.advance(stepMs);
  }
  return waiting;
}
