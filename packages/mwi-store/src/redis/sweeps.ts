import type { Ids } from '@voicemail/runtime';
import { MwiError } from '../mwi-error.ts';
import type { Commands } from './commands.ts';

/** An index, what it covers, and how all that belongs into it is added. */
export interface Sweep {
  readonly key: string;
  readonly scope: string;
  readonly fill: () => Promise<void>;
}

const MAX_SWEEPS = 3;

/**
 * Reads an index that has all that belongs into it. Redis may have lost it, or some of it: then it is made anew from the mailboxes,
 * once at a time, while others go on adding what changes.
 */
export function sweeps({ beginSweep, endSweep }: Commands, ids: Ids) {
  const running = new Map<string, Promise<void>>();

  const run = async ({ key, scope, fill }: Sweep): Promise<void> => {
    const token = ids.token();
    await beginSweep([key], token);
    await fill();
    await endSweep([key], token, scope);
  };
  const runOnce = (sweep: Sweep): Promise<void> => {
    const name = `${sweep.key} ${sweep.scope}`;
    const work = running.get(name) ?? run(sweep).finally(() => running.delete(name));
    running.set(name, work);
    return work;
  };

  /**
   * @param read gives null where the index may lack something.
   * @throws MwiError `unavailable` where it is lost again and again.
   */
  return async <T>(sweep: Sweep, read: () => Promise<T | null>): Promise<T> => {
    for (let swept = 0; ; swept += 1) {
      const found = await read();
      if (found !== null) return found;
      if (swept === MAX_SWEEPS) {
        throw new MwiError(
          'unavailable',
          'Redis loses an index of the counts while it is made: it fails over, or evicts',
        );
      }
      await runOnce(sweep);
    }
  };
}
