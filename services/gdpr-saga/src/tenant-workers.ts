import type { Gdpr } from '@voicemail/gdpr';
import type { ServedTenant, TenantDirectory } from '@voicemail/message-store';
import { backoffMs, type Clock, type Ids, type Logger } from '@voicemail/runtime';
import { LOOK_EVERY_MS, WAITING_BACKOFF } from './limits.ts';

/** Works on every tenant's requests, each tenant beside the others. */
export interface TenantWorkers {
  /** A tenant has something to do now: it is not waited for the next look. */
  wake(served: ServedTenant): void;
  /** Resolves when no tenant has anything left to do now; what waits for a region goes on waiting. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export interface TenantWorkersOptions {
  readonly gdpr: Gdpr;
  readonly tenants: TenantDirectory;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'random'>;
  readonly logger: Logger;
}

export function startTenantWorkers({ gdpr, tenants, clock, ids, logger }: TenantWorkersOptions): TenantWorkers {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = new Map<string, Promise<void>>();
  /** How often a tenant was kept waiting in a row, and when it is looked at again, by the monotonic clock. */
  const waiting = new Map<string, { readonly attempts: number; readonly untilMs: number }>();
  /** Told to look again while they were at it. */
  const again = new Set<string>();

  const work = async (served: ServedTenant): Promise<void> => {
    const { tenantId } = served.tenant;
    const outcome = await gdpr.work(served.stores, signal).catch((error: unknown) => {
      if (!signal.aborted) logger.warn({ err: error, tenant: tenantId }, 'GDPR requests of a tenant wait');
      return 'later' as const;
    });
    if (outcome === 'done') {
      waiting.delete(tenantId);
      return;
    }
    const attempts = (waiting.get(tenantId)?.attempts ?? 0) + 1;
    const pauseMs = Math.max(
      WAITING_BACKOFF.baseMs / 2,
      backoffMs(attempts, WAITING_BACKOFF, () => ids.random()),
    );
    waiting.set(tenantId, { attempts, untilMs: clock.monotonicMs() + pauseMs });
  };
  const start = (served: ServedTenant): void => {
    const { tenantId, status } = served.tenant;
    if (signal.aborted || status === 'SUSPENDED') return;
    if (running.has(tenantId)) {
      again.add(tenantId);
      return;
    }
    const over = work(served).finally(() => {
      running.delete(tenantId);
      if (again.delete(tenantId) && !waiting.has(tenantId)) start(served);
    });
    running.set(tenantId, over);
  };
  const look = async (): Promise<void> => {
    let nextLookMs = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      const nowMs = clock.monotonicMs();
      const isLook = nowMs >= nextLookMs;
      if (isLook) nextLookMs = nowMs + LOOK_EVERY_MS;
      for (const served of tenants.all()) {
        const { tenantId } = served.tenant;
        const until = waiting.get(tenantId)?.untilMs;
        const isDue = until === undefined ? isLook : nowMs >= until;
        if (isDue && !running.has(tenantId)) start(served);
      }
      await clock.sleep(WAITING_BACKOFF.baseMs / 2, signal);
    }
  };
  gdpr.onWork((tenantId) => {
    const served = tenants.byId(tenantId);
    if (served !== undefined) start(served);
  });
  const looking = look().catch((error: unknown) => {
    if (!signal.aborted) logger.error({ err: error }, 'GDPR requests are worked on no more');
  });

  return {
    wake: start,
    idle: async () => {
      for (const served of tenants.all()) start(served);
      while (running.size > 0) await Promise.all(running.values());
    },
    stop: async () => {
      stopping.abort(new Error('the work on GDPR requests was stopped'));
      await Promise.all([looking, ...running.values()]);
    },
  };
}
