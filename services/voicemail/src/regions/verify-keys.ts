import type { Logger } from '@voicemail/runtime';
import { isForAPerson, type CallerHashGate } from './caller-hash-gate.ts';

/**
 * Compares the caller-hash key and the master region with what every tenant's store says. A region that is down is verified when it
 * is back: until then `/readyz` says so.
 * @throws CallerHashKeyMismatch, WrongMasterRegion: the process must not go on.
 */
export async function verifyCallerHashKeys(
  gates: ReadonlyMap<string, CallerHashGate>,
  logger: Pick<Logger, 'warn'>,
): Promise<void> {
  await Promise.all(
    [...gates].map(async ([tenant, gate]) => {
      try {
        await gate.verify();
      } catch (error) {
        if (isForAPerson(error)) throw error;
        logger.warn({ err: error, tenant }, 'The caller-hash key is verified when the master region is back');
      }
    }),
  );
}
