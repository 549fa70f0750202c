import type { Context } from '../figure.ts';

const ROUNDS = 5;
const QUICK_ROUNDS = 1;

export interface RoundsOptions {
  /** How many count, in a run that is not quick; 5 unless told. */
  readonly count?: number;
  /** false: every round counts, for each begins with a process of its own. */
  readonly warmsUp?: boolean;
}

/**
 * Runs rounds one after the other, the first of which counts for nothing unless told: it warms the code and the disk's caches.
 * @param what in words, for whoever watches.
 */
export async function rounds<T>(
  context: Context,
  what: string,
  round: (index: number) => Promise<T>,
  options: RoundsOptions = {},
): Promise<readonly T[]> {
  const counted: T[] = [];
  const count = context.quick ? QUICK_ROUNDS : (options.count ?? ROUNDS);
  for (let index = options.warmsUp === false ? 1 : 0; index <= count; index += 1) {
    context.progress(index === 0 ? `${what}: warming up` : `${what}: round ${index} of ${count}`);
    const outcome = await round(index);
    if (index > 0) counted.push(outcome);
  }
  return counted;
}

/** How many times a second `work` did one of `count` things. */
export async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  return count / (await seconds(work));
}

export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return (performance.now() - startedMs) / 1_000;
}
