import type { Holding, LogRecord } from '@voicemail/event-log';
import { MwiError, type MailboxRef, type MwiChange } from '@voicemail/mwi-store';
import type { ProjectorLimits } from './limits.ts';
import type { MailboxLocks } from './mailbox-locks.ts';
import type { ProjectorMetrics, RecountCause } from './projector-metrics.ts';
import { publish, type PublishDeps } from './publish.ts';
import type { RecountSource } from './recount-source.ts';
import { recount } from './recount.ts';

export interface ProjectionDeps extends PublishDeps {
  readonly source: RecountSource;
  readonly locks: MailboxLocks;
  readonly metrics: ProjectorMetrics;
  readonly limits: Pick<ProjectorLimits, 'maxAttempts'>;
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

  /** @returns the drift, or null where the recount was overtaken. */
  const recountOnce = async (ref: MailboxRef, cause: RecountCause, signal: AbortSignal): Promise<number | null> => {
    const drift = await recount(mwi, source, ref, signal);
    if (drift === null) metrics.overtaken.inc({});
    else metrics.recounts.inc({ cause });
    return drift;
  };
  /**
   * Makes the mailbox known, then publishes; begins again whenever either was overtaken.
   * @param makeKnown false where it was overtaken.
   */
  const bring = async (
    ref: MailboxRef,
    cause: LogRecord | null,
    holding: Holding,
    signal: AbortSignal,
    makeKnown: () => Promise<boolean>,
  ): Promise<void> => {
    let again = false;
    for (let attempt = 1; attempt <= limits.maxAttempts; attempt++) {
      signal.throwIfAborted();
      if (!(await makeKnown())) continue;
      const outcome = await publish(deps, { ref, again, holding, cause, signal });
      if (outcome === 'done') return;
      metrics.overtaken.inc({});
      again ||= outcome === 'overtaken';
    }
    throw new MwiError('unavailable', 'the mailbox was overtaken at every attempt: another process works on it');
  };

  const isKnown = async (ref: MailboxRef): Promise<boolean> => (await mwi.read(ref))?.stale === false;

  return {
    project: (ref, change, cause, holding, signal) =>
      locks.hold(ref, () =>
        bring(ref, cause, holding, signal, async () => {
          const applied = await mwi.apply(ref, change);
          return applied !== null || (await recountOnce(ref, 'fact', signal)) !== null;
        }),
      ),
    settle: (ref, holding, signal) =>
      locks.tryHold(ref, async () => {
        let isRecounted = false;
        await bring(ref, null, holding, signal, async () => {
          if (await isKnown(ref)) return true;
          isRecounted = (await recountOnce(ref, 'waiting', signal)) !== null;
          return isRecounted;
        });
        return isRecounted;
      }),
    repair: async (ref, holding, signal) => {
      let repaired: number | null = null;
      await locks.hold(ref, () =>
        bring(ref, null, holding, signal, async () => {
          if (repaired !== null && (await isKnown(ref))) return true;
          const drift = await recountOnce(ref, 'drift', signal);
          if (drift !== null) repaired = (repaired ?? 0) + drift;
          return drift !== null;
        }),
      );
      return repaired ?? 0;
    },
  };
}
