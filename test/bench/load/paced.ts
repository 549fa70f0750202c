import { setTimeout as pause } from 'node:timers/promises';

/** Does `work` for 0, 1, … `count` - 1, so many a second whether or not those before are done; resolves when all are. */
export async function paced<T>(count: number, perSecond: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const startedMs = performance.now();
  const all: Promise<T>[] = [];
  for (let index = 0; index < count; index += 1) {
    const aheadMs = startedMs + (index * 1_000) / perSecond - performance.now();
    if (aheadMs > 0) await pause(aheadMs);
    all.push(work(index));
  }
  return Promise.all(all);
}
