import type { Holding, LogRecord } from '@voicemail/event-log';
import { atMost } from '@voicemail/runtime';
import { MwiError, type MailboxRef, type MwiChange, type MwiSnapshot } from '@voicemail/mwi-store';
import type { ProjectorLimits } from './limits.ts';
import type { MailboxLocks } from './mailbox-locks.ts';
import type { ProjectorMetrics, RecountCause } from './projector-metrics.ts';
import { publish, type PublishDeps } from './publish.ts';
import type { RecountSource } from './recount-source.ts';
import { recount, type Recounted } from './recount.ts';

export interface ProjectionDeps extends PublishDeps {
  readonly source: RecountSource;
  readonly locks: MailboxLocks;
  readonly metrics: ProjectorMetrics;
  readonly limits: Pick<ProjectorLimits, 'maxAttempts' | 'maxRecounting'>;
}

/**
 * What brings one mailbox from what is known of it to what is published. Each runs alone on its mailbox, and publishes by its holding:
 * where that is over it rejects with `fenced`, for the mailbox is another process's.
 */
export interface Projection {
  /** Facts: applied, or where the mailbox is unknown it is recounted instead; then published. Resolves when that is durable. */
  project(ref: MailboxRef, change: MwiChange, cause: LogRecord, holding: Holding, signal: AbortSignal): Promise<void>;
  /**
   * Without a fact: recounts the mailbox if it is unknown, publishes what was not. Resolves with whether it was recounted.
   * null: somebody works on it already.
   */
  settle(ref: MailboxRef, holding: Holding, signal: AbortSignal): Promise<boolean> | null;
  /** Recounts a known mailbox and publishes what that changed. Returns how many messages were counted otherwise. */
  repair(ref: MailboxRef, holding: Holding, signal: AbortSignal): Promise<number>;
}

export function projection(deps: ProjectionDeps): Projection {
  const { mwi, source, locks, metrics, limits } = deps;
  const inTurn = atMost(limits.maxRecounting);

  /** @returns null where the recount was overtaken. */
  const recountOnce = async (ref: MailboxRef, cause: RecountCause, signal: AbortSignal): Promise<Recounted | null> => {
    const recounted = await recount(mwi, source, ref, signal);
    if (recounted === null) metrics.overtaken.inc({});
    else metrics.recounts.inc({ cause });
    return recounted;
  };
  /**
   * Makes the mailbox known, then publishes; begins again whenever either was overtaken.
   * @param makeKnown gives what the mailbox holds then; null where it was overtaken.
   */
  const bring = async (
    cause: LogRecord | null,
    holding: Holding,
    signal: AbortSignal,
    makeKnown: () => Promise<MwiSnapshot | null>,
  ): Promise<void> => {
    let again = false;
    for (let attempt = 1; attempt <= limits.maxAttempts; attempt++) {
      signal.throwIfAborted();
      const snapshot = await makeKnown();
      if (snapshot === null) continue;
      if ((await publish(deps, { snapshot, again, holding, cause, signal })) === 'done') return;
      metrics.overtaken.inc({});
      again = true;
    }
    throw new MwiError('unavailable', 'the mailbox was overtaken at every attempt: another process works on it');
  };

  const readKnown = async (ref: MailboxRef): Promise<MwiSnapshot | null> => {
    const snapshot = await mwi.read(ref);
    return snapshot?.stale === false ? snapshot : null;
  };

  return {
    project: (ref, change, cause, holding, signal) =>
      locks.hold(ref, () =>
        bring(cause, holding, signal, async () => {
          const applied = await mwi.apply(ref, change);
          if (applied !== null) return applied;
          const recounted = await inTurn(() => recountOnce(ref, 'fact', signal));
          return recounted?.snapshot ?? null;
        }),
      ),
    settle: (ref, holding, signal) =>
      locks.tryHold(ref, async () => {
        let isRecounted = false;
        await bring(null, holding, signal, async () => {
          const known = await readKnown(ref);
          if (known !== null) return known;
          const recounted = await recountOnce(ref, 'waiting', signal);
          isRecounted = recounted !== null;
          return recounted?.snapshot ?? null;
        });
        return isRecounted;
      }),
    repair: async (ref, holding, signal) => {
      let repaired: number | null = null;
      await locks.hold(ref, () =>
        bring(null, holding, signal, async () => {
          const known = repaired === null ? null : await readKnown(ref);
          if (known !== null) return known;
          const recounted = await recountOnce(ref, 'drift', signal);
          if (recounted !== null) repaired = (repaired ?? 0) + recounted.drift;
          return recounted?.snapshot ?? null;
        }),
      );
      return repaired ?? 0;
    },
  };
}
