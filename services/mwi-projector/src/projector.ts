import { TOPICS } from '@voicemail/contracts';
import { mailboxKey } from '@voicemail/domain';
import {
  groupMetrics,
  LogError,
  type EventLog,
  type Holding,
  type SubscribeOptions,
  type Subscription,
} from '@voicemail/event-log';
import type { MailboxRef, MwiStore } from '@voicemail/mwi-store';
import type { Clock, Ids, Logger, Metrics } from '@voicemail/runtime';
import { discovery } from './discovery.ts';
import { every } from './every.ts';
import { readFacts } from './facts.ts';
import { failures } from './failures.ts';
import { PROJECTOR_LIMITS, type ProjectorLimits } from './limits.ts';
import { mailboxLocks } from './mailbox-locks.ts';
import { projection } from './projection.ts';
import { projectorMetrics } from './projector-metrics.ts';
import { runReconciler } from './reconciler.ts';
import type { ProjectedTenant, RecountSource } from './recount-source.ts';
import { runSettler } from './settler.ts';
import { tenantList } from './tenant-list.ts';

/** The consumer group of the facts. */
export const PROJECTOR_GROUP = 'mwi-projector';

export interface ProjectorOptions {
  readonly log: EventLog;
  readonly mwi: MwiStore;
  readonly messages: RecountSource;
  /** The tenants that are served now; the same list until it changes. */
  readonly tenants: () => readonly ProjectedTenant[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly metrics: Metrics;
  readonly limits?: Partial<ProjectorLimits>;
}

export interface Projector {
  /** Begins to follow the facts, to settle what waits and to reconcile. @throws LogError, and nothing was begun. */
  start(): Promise<void>;
  /** Resolves when every fact that is in the log now is counted and published. */
  idle(): Promise<void>;
  /** Takes nothing new, finishes what is in flight within `graceMs`, lets go. What was not finished is done again by the next one. */
  stop(graceMs: number): Promise<void>;
  /** For `/readyz`: each rejects with what is wrong. */
  readonly checks: readonly { readonly name: string; readonly check: () => Promise<void> }[];
}

/** Follows the facts, keeps the counts, publishes every change of a mailbox's lamp. */
export function createProjector(options: ProjectorOptions): Projector {
  const { log, mwi, messages: source, clock, ids, logger } = options;
  const limits: ProjectorLimits = { ...PROJECTOR_LIMITS, ...options.limits };
  const metrics = projectorMetrics(options.metrics);
  const tenants = tenantList(options.tenants);
  const locks = mailboxLocks();
  const failed = failures(logger, metrics, clock);
  const stopping = new AbortController();
  const onFailure = (work: string, error: unknown): void => {
    if (stopping.signal.aborted) return;
    // The mailbox is another process's, and so is the work.
    if (error instanceof LogError && error.code === 'fenced') metrics.fenced.inc({});
    else failed.retry(work, error);
  };
  const projected = projection({ mwi, source, tenants, locks, clock, ids, metrics, limits });
  const found = discovery({ mwi, source, tenants, locks, clock, metrics, limits, onFailure });
  const onDrift = ({ tenant, mailbox }: MailboxRef, messages: number): void =>
    logger.warn({ tenant, mailbox, messages }, 'Counts differed from the stores and were repaired');
  const group = groupMetrics({
    log,
    clock,
    metrics: options.metrics,
    group: PROJECTOR_GROUP,
    topics: [TOPICS.messages],
  });
  const project: SubscribeOptions['handle'] = async (records, signal, holding) => {
    if (holding === null) throw new Error('the projector has a holding of all that it is handed');
    const facts = readFacts(
      records,
      (tenant) => tenants.find(tenant) !== undefined,
      ({ topic, partition, offset }, reason, error) =>
        failed.skip(reason, { topic, partition, offset, ...(error === undefined ? {} : { err: error }) }),
    );
    for (const { ref, change, newest, count } of facts) {
      await projected.project(ref, change, newest, holding, signal);
      found.witness(ref);
      metrics.facts.inc({ outcome: 'projected' }, count);
      metrics.delay.observe({}, Math.max(0, clock.now() - newest.appendedAt) / 1_000);
    }
  };
  const subscribe = (): Promise<Subscription> =>
    log.subscribe({
      group: PROJECTOR_GROUP,
      topics: [TOPICS.messages],
      // The last record of a mailbox's lamp is not that of a process which lost the mailbox's facts to another one.
      isFenced: true,
      maxInFlight: limits.maxInFlight,
      maxBatch: limits.maxBatch,
      maxBufferedRecords: limits.maxBufferedRecords,
      maxBufferedBytes: limits.maxBufferedBytes,
      handle: (records, signal, holding) =>
        group.handling(TOPICS.messages, records.length, () => project(records, signal, holding)),
      onFailure: (error) => onFailure('project', error),
    });
  const repeat = (work: string, intervalMs: number, round: () => Promise<unknown>): Promise<void> =>
    every(clock, intervalMs, stopping.signal, round, (error) => onFailure(work, error));
  const runLoops = async (subscription: Subscription): Promise<void> => {
    const { signal } = stopping;
    const { lossCheckIntervalMs, purgeIntervalMs, keepGoneMs } = limits;
    const holdingOf = ({ tenant, mailbox }: MailboxRef): Holding | null =>
      subscription.holding(TOPICS.messages, mailboxKey(tenant, mailbox));
    const shared = { mwi, holdingOf, tenants, clock, metrics, limits, onFailure, projection: projected };
    await Promise.all([
      runSettler({ ...shared, onSettled: (ref) => found.witness(ref) }, signal),
      runReconciler({ ...shared, source, locks, onDrift }, signal),
      repeat('discover', lossCheckIntervalMs, () => found.look(signal)),
      repeat('purge', purgeIntervalMs, () => mwi.purgeGone(clock.now() - keepGoneMs)),
    ]);
  };

  let running: { readonly subscription: Subscription; readonly loops: Promise<void> } | null = null;
  return {
    start: async () => {
      if (running !== null || stopping.signal.aborted) throw new Error('a projector is started once');
      const subscription = await subscribe();
      // Told to stop while it began: then nobody is left to stop what it begins.
      if (stopping.signal.aborted) return subscription.stop(0);
      running = { subscription, loops: runLoops(subscription) };
      logger.info({ group: PROJECTOR_GROUP }, 'The projector follows the facts');
    },
    idle: async () => running?.subscription.idle(),
    stop: async (graceMs) => {
      stopping.abort(new Error('the projector is stopping'));
      if (running === null) return;
      const { subscription, loops } = running;
      const over = new AbortController();
      const tooLate = clock.sleep(graceMs, over.signal).then(
        () => logger.warn({ graceMs }, 'The projector left work behind: it is done again by the next one'),
        // Only the abort below ends the sleep early, after the race is decided.
        () => undefined,
      );
      await Promise.all([subscription.stop(graceMs), Promise.race([loops, tooLate])]);
      over.abort();
    },
    checks: [
      { name: 'mwi-store', check: () => mwi.check() },
      {
        name: 'mwi-projector',
        check: async () => {
          if (running === null || stopping.signal.aborted) throw new Error('the projector does not follow the facts');
        },
      },
    ],
  };
}
