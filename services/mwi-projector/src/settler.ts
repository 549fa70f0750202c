import { mailboxKey } from '@voicemail/domain';
import type { Holding } from '@voicemail/event-log';
import type { MailboxRef, MwiStore } from '@voicemail/mwi-store';
import type { Clock } from '@voicemail/runtime';
import { pause } from './every.ts';
import type { ProjectorLimits } from './limits.ts';
import type { Projection } from './projection.ts';
import type { ProjectorMetrics } from './projector-metrics.ts';
import type { TenantList } from './tenant-list.ts';

export interface SettlerDeps {
  readonly mwi: MwiStore;
  readonly projection: Projection;
  readonly tenants: TenantList;
  /** null where a mailbox is another process's. */
  readonly holdingOf: (ref: MailboxRef) => Holding | null;
  readonly clock: Clock;
  readonly metrics: ProjectorMetrics;
  readonly limits: Pick<ProjectorLimits, 'settleIntervalMs' | 'maxSettleBatch' | 'maxSettling' | 'maxSettlingOfTenant'>;
  readonly onSettled: (ref: MailboxRef) => void;
  readonly onFailure: (work: string, error: unknown) => void;
}

/**
 * Settles mailboxes that wait for a recount or a publication, until the signal says stop: what a crash between two steps, an
 * invalidation or a loss of the counts left heals without a fact. Those of other processes are left to them. Looks again at once after a recount, for there may be more, else at
 * its interval: between a fact and its publication a mailbox looks as if it waited.
 */
export async function runSettler(deps: SettlerDeps, signal: AbortSignal): Promise<void> {
  const { mwi, projection, tenants, holdingOf, clock, metrics, limits, onSettled, onFailure } = deps;
  /** Under way, by mailbox. */
  const running = new Map<string, { readonly tenant: string; readonly end: Promise<void> }>();
  let wake = new AbortController();

  const hasRoom = (tenant: string): boolean =>
    running.size < limits.maxSettling &&
    running.values().reduce((count, other) => count + (other.tenant === tenant ? 1 : 0), 0) <
      limits.maxSettlingOfTenant;
  const start = (ref: MailboxRef): void => {
    const key = mailboxKey(ref.tenant, ref.mailbox);
    if (running.has(key) || !hasRoom(ref.tenant)) return;
    const holding = holdingOf(ref);
    const work = holding && projection.settle(ref, holding, signal);
    if (work === null) return;
    const end = work.then(
      (isRecounted) => {
        onSettled(ref);
        if (isRecounted) wake.abort();
      },
      (error: unknown) => onFailure('settle', error),
    );
    running.set(key, { tenant: ref.tenant, end: end.finally(() => running.delete(key)) });
  };
  const look = async (): Promise<void> => {
    const waiting = await mwi.unsettled(limits.maxSettleBatch);
    metrics.waiting.set({}, waiting.length);
    for (const ref of waiting) {
      if (tenants.find(ref.tenant) !== undefined) start(ref);
      // A tenant that is not served any more must not stand in front of the others for ever: to the end of the line.
      else await mwi.beginRecount(ref);
    }
  };

  while (!signal.aborted) {
    wake = new AbortController();
    try {
      await look();
    } catch (error) {
      onFailure('settle', error);
    }
    await pause(clock, limits.settleIntervalMs, AbortSignal.any([signal, wake.signal]));
  }
  await Promise.all(running.values().map(({ end }) => end));
}
