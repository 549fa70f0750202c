import { open, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

export interface LockTimes {
  /** How often the holder shows that it lives. */
  readonly beatMs: number;
  /** A lock that has not moved for so long, while it was watched, belongs to a process that died. */
  readonly abandonedMs: number;
}

const TIMES: LockTimes = { beatMs: 1_000, abandonedMs: 10_000 };

/**
 * Runs the work in one process at a time, of all that name the same file. It saves work and no more: after a suspended machine two may
 * hold it, so whatever is done under it must be harmless when done twice.
 */
export async function withLock<T>(file: string, work: () => Promise<T>, times: LockTimes = TIMES): Promise<T> {
  await take(file, times);
  const beat = setInterval(() => {
    const now = new Date();
    // Whoever thought this lock abandoned has taken it away; the work is finished all the same.
    utimes(file, now, now).catch(() => undefined);
  }, times.beatMs);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(file, { force: true });
  }
}

async function take(file: string, { beatMs, abandonedMs }: LockTimes): Promise<void> {
  // Two clocks may differ (a cache on a network volume), so the lock's time is only ever compared with itself.
  let seen = { beat: -1, sinceMs: performance.now() };
  for (;;) {
    if (await create(file)) return;
    const beat = await lastBeat(file);
    if (beat === undefined) continue;
    if (beat !== seen.beat) seen = { beat, sinceMs: performance.now() };
    else if (performance.now() - seen.sinceMs >= abandonedMs) await rm(file, { force: true });
    await pause(Math.min(beatMs, 200));
  }
}

async function create(file: string): Promise<boolean> {
  try {
    await (await open(file, 'wx')).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function lastBeat(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
