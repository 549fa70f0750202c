import type { Gdpr } from '@voicemail/gdpr';
import type { TenantDirectory } from '@voicemail/message-store';
import type { Clock, Logger, Metrics, Schedule } from '@voicemail/runtime';

export interface RuleScheduleOptions {
  readonly gdpr: Gdpr;
  readonly tenants: TenantDirectory;
  readonly schedule: Schedule;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** A wall clock may be set while a run is waited for: it is looked at again at least this often. */
const MAX_SLEEP_MS = 60_000;
/** The next run is so far away that one which nobody ran cannot wait for it. */
const TOO_FAR_AWAY_MS = 3_600_000;

/**
 * Runs the deletion rule over every tenant when the schedule says so. A run that a sleep of the machine missed is made up for at once. So
 * is, at the start, the last one before it, as it would have been at its time: whether there was a process then, nobody knows, and where
 * there was, nothing is left to do.
 */
export function startRuleSchedule(options: RuleScheduleOptions): { stop(): Promise<void> } {
  const { clock, schedule, logger } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const follow = async (): Promise<void> => {
    const startedMs = clock.now();
    let nextMs = schedule.next(startedMs);
    const lastMs = schedule.previous(startedMs);
    if (lastMs !== null && nextMs - startedMs > TOO_FAR_AWAY_MS) await runAll(options, signal, lastMs);
    while (!signal.aborted) {
      const nowMs = clock.now();
      // A clock that was set back waits for the next time by what it says now.
      nextMs = Math.min(nextMs, schedule.next(nowMs));
      if (nowMs >= nextMs) {
        await runAll(options, signal);
        nextMs = schedule.next(Math.max(nowMs, nextMs));
        continue;
      }
      await clock.sleep(Math.min(MAX_SLEEP_MS, nextMs - nowMs), signal);
    }
  };
  const following = follow().catch((error: unknown) => {
    if (!signal.aborted) logger.error({ err: error }, 'the deletion rule is run no more');
  });
  return {
    stop: async () => {
      stopping.abort(new Error('the deletion rule was stopped'));
      await following;
    },
  };
}

/** @param asOfMs see `Gdpr.runRule`. */
async function runAll(
  { gdpr, tenants, logger, metrics }: RuleScheduleOptions,
  signal: AbortSignal,
  asOfMs?: number,
): Promise<void> {
  const deletions = metrics.counter({
    name: 'voicemail_forget_deleted_total',
    help: 'Messages that the deletion rule deleted.',
  });
  const failures = metrics.counter({
    name: 'voicemail_forget_run_failures_total',
    help: 'Runs of the deletion rule over a tenant that failed. Alert on any growth.',
  });
  await Promise.all(
    tenants.all().map(async ({ tenant, stores }) => {
      try {
        const { deleted, kept } = await gdpr.runRule(stores, signal, asOfMs);
        deletions.inc({}, deleted.length);
        if (deleted.length > 0) {
          logger.info({ tenant: tenant.tenantId, deleted: deleted.length, kept }, 'the deletion rule ran');
        }
      } catch (error) {
        if (signal.aborted) throw error;
        failures.inc({});
        logger.error(
          { err: error, tenant: tenant.tenantId },
          'a run of the deletion rule failed; the next one tries again',
        );
      }
    }),
  );
}
