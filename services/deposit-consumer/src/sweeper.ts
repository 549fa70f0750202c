import {
  sweepDeadLetters,
  sweepExpired,
  sweepLeftovers,
  type ServedTenant,
  type TenantDirectory,
} from '@voicemail/message-store';
import type { ObjectStore } from '@voicemail/object-store';
import type { EventLog } from '@voicemail/event-log';
import type { Clock, Logger, Metrics } from '@voicemail/runtime';
import { messageFact } from './announce.ts';
import { EXPIRY_SWEEP_EVERY_MS, FIRST_SWEEP_AFTER_MS, LEFTOVER_SWEEP_EVERY_MS } from './limits.ts';

export interface SweeperContext {
  readonly log: EventLog;
  readonly tenants: TenantDirectory;
  readonly deployment: ObjectStore;
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
export async function sweepWhatExpired(context: SweeperContext, signal: AbortSignal): Promise<void> {
  const removed = context.metrics.counter({
    name: 'voicemail_swept_total',
    help: 'What sweeps removed.',
    labels: ['kind'],
  });
  await forEachTenant(context, signal, async ({ stores }) => {
    for await (const stub of sweepExpired(stores, context.clock.now(), signal)) {
      await context.log.append([messageFact(stub, 'deleted', {})]);
      removed.inc({ kind: 'retention' });
    }
    const home = { tenant: stores, deployment: context.deployment };
    removed.inc({ kind: 'dead-letter' }, await sweepDeadLetters(home, context.clock.now(), signal));
  });
  const ownHome = { tenant: null, deployment: context.deployment };
  removed.inc({ kind: 'dead-letter' }, await sweepDeadLetters(ownHome, context.clock.now(), signal));
}

/** Orphans, staged objects, old stubs and index entries of nothing, once. */
export async function sweepWhatIsLeft(context: SweeperContext, signal: AbortSignal): Promise<void> {
  await forEachTenant(context, signal, async ({ tenant, stores }) => {
    const swept = await sweepLeftovers(stores, context.clock.now(), signal);
    context.logger.info({ tenant: tenant.tenantId, ...swept }, 'leftovers swept');
  });
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
