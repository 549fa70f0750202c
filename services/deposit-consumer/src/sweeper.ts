import {
  messageFact,
  reportNotErased,
  sweepDeadLetters,
  sweepExpired,
  sweepLeftovers,
  soughtHashes,
  type Ledgers,
  type ServedTenant,
  type SweepOptions,
  type TenantDirectory,
  type TenantStores,
} from '@voicemail/message-store';
import type { Metadata } from '@voicemail/domain';
import { MAX_LIST_AGE_MS } from '@voicemail/gdpr';
import type { ObjectStore } from '@voicemail/object-store';
import type { EventLog } from '@voicemail/event-log';
import type { Clock, Logger, Metrics } from '@voicemail/runtime';
import { EXPIRY_SWEEP_EVERY_MS, FIRST_SWEEP_AFTER_MS, LEFTOVER_SWEEP_EVERY_MS } from './limits.ts';

export interface SweeperContext {
  readonly log: EventLog;
  readonly tenants: TenantDirectory;
  readonly deployment: ObjectStore;
  /** What is under a legal hold stays. */
  readonly ledgers: Ledgers;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Removes what has come to its end: messages by retention, dead letters, orphans, staged objects, stubs. A failing tenant keeps no other waiting. */
export function startSweeper(context: SweeperContext): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const loops = [
    repeat(context, stopping.signal, EXPIRY_SWEEP_EVERY_MS, () => sweepWhatExpired(context, stopping.signal)),
    repeat(context, stopping.signal, LEFTOVER_SWEEP_EVERY_MS, () => sweepWhatIsLeft(context, stopping.signal)),
  ];
  return {
    stop: async () => {
      stopping.abort(new Error('the sweeper was stopped'));
      await Promise.all(loops);
    },
  };
}

async function repeat(
  context: SweeperContext,
  signal: AbortSignal,
  everyMs: number,
  sweep: () => Promise<void>,
): Promise<void> {
  const pause = (ms: number): Promise<boolean> =>
    context.clock.sleep(ms, signal).then(
      () => true,
      () => false,
    );
  for (let goesOn = await pause(FIRST_SWEEP_AFTER_MS); goesOn; goesOn = await pause(everyMs)) {
    await sweep().catch((error: unknown) => {
      if (!signal.aborted) context.logger.error({ err: error }, 'a sweep failed and is tried again');
    });
  }
}

/** Retention and dead letters, once. */
async function sweepWhatExpired(context: SweeperContext, signal: AbortSignal): Promise<void> {
  const removed = context.metrics.counter({
    name: 'voicemail_swept_total',
    help: 'What sweeps removed.',
    labels: ['kind'],
  });
  await forEachTenant(context, signal, async ({ tenant, stores }) => {
    const held = isHeld(context, stores);
    for await (const { changed, record } of sweepExpired(stores, options(context, signal, tenant.tenantId), held)) {
      await context.log.append([messageFact(record, 'deleted', {})]);
      if (changed) removed.inc({ kind: 'retention' });
    }
  });
  await forEachTenant(context, signal, async ({ tenant, stores }) => {
    const home = { tenant: stores, deployment: context.deployment };
    removed.inc({ kind: 'dead-letter' }, await sweepDeadLetters(home, options(context, signal, tenant.tenantId)));
  });
  const ownHome = { tenant: null, deployment: context.deployment };
  removed.inc({ kind: 'dead-letter' }, await sweepDeadLetters(ownHome, options(context, signal, null)));
}

/** Whether a message is under a legal hold, by a ledger that is at most some seconds old: without one nothing is deleted. */
function isHeld({ ledgers, clock }: SweeperContext, stores: TenantStores): (message: Metadata) => Promise<boolean> {
  const ledger = ledgers(stores);
  return async (message) => {
    const { holds } = await ledger.within(MAX_LIST_AGE_MS);
    return holds.on({ hashes: soughtHashes(stores, message.callerId), message }, clock.now()) !== null;
  };
}

/** Orphans, staged objects, old stubs and index entries of nothing, once. */
async function sweepWhatIsLeft(context: SweeperContext, signal: AbortSignal): Promise<void> {
  await forEachTenant(context, signal, async ({ tenant, stores }) => {
    const swept = await sweepLeftovers(stores, options(context, signal, tenant.tenantId));
    context.logger.info({ tenant: tenant.tenantId, ...swept }, 'leftovers swept');
  });
}

function options(context: SweeperContext, signal: AbortSignal, tenant: string | null): SweepOptions {
  const failures = context.metrics.counter({
    name: 'voicemail_sweep_failures_total',
    help: 'What sweeps had to pass over, for its store failed or its document is damaged. Alert on it.',
  });
  return {
    nowMs: context.clock.now(),
    signal,
    onFailure: (error, what) => {
      failures.inc({});
      context.logger.warn({ err: error, tenant, ...what }, 'a sweep passed over what its store failed');
    },
    onNotErased: (left) => reportNotErased(context, tenant, [left]),
  };
}

async function forEachTenant(
  context: SweeperContext,
  signal: AbortSignal,
  sweep: (served: ServedTenant) => Promise<void>,
): Promise<void> {
  for (const served of context.tenants.all()) {
    await sweep(served).catch((error: unknown) => {
      if (signal.aborted) throw error;
      context.logger.error(
        { err: error, tenant: served.tenant.tenantId },
        'a sweep of a tenant failed and is tried again',
      );
    });
  }
}
