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
 * invalidation or a loss of the counts left heals without a fact. Those of other processes are left to them. Looks again at
 * once when the last recount of what it found has ended, for there may be more, else at its interval: between a fact and its publication
 * a mailbox looks as if it waited.
 */
export async function runSettler(deps: SettlerDeps, signal: AbortSignal): Promise<void> {
  const { mwi, projection, tenants, holdingOf, clock, metrics, limits, onSettled, onFailure } = deps;
  /** Under way, by mailbox. */
  const running = new Map<string, { readonly tenant: string; readonly end: Promise<void> }>();
  /** What the last look found and was not begun yet: a look reads every mailbox that it finds. */
  let found: readonly MailboxRef[] = [];
  let wake = new AbortController();

  const hasRoom = (tenant: string): boolean =>
    running.size < limits.maxSettling &&
    running.values().reduce((count, other) => count + (other.tenant === tenant ? 1 : 0), 0) <
      limits.maxSettlingOfTenant;
  /** @returns false where it has to wait for room. */
  const start = (ref: MailboxRef): boolean => {
    const key = mailboxKey(ref.tenant, ref.mailbox);
    if (running.has(key)) return true;
    if (!hasRoom(ref.tenant)) return false;
    const holding = holdingOf(ref);
    const work = holding && projection.settle(ref, holding, signal);
    if (work === null) return true;
    const end = work.then(
      (isRecounted) => {
        running.delete(key);
        onSettled(ref);
        startFound();
        if (isRecounted && found.length === 0) wake.abort();
      },
      (error: unknown) => {
        running.delete(key);
        onFailure('settle', error);
      },
    );
    running.set(key, { tenant: ref.tenant, end });
    return true;
  };
  const startFound = (): void => {
    found = signal.aborted ? [] : found.filter((ref) => !start(ref));
  };
  const look = async (): Promise<void> => {
    const waiting = await mwi.unsettled(limits.maxSettleBatch);
    metrics.waiting.set({}, waiting.length);
    const served = Map.groupBy(waiting, ({ tenant }) => tenants.find(tenant) !== undefined);
    found = served.get(true) ?? [];
    startFound();
    // A tenant that is not served any more must not stand in front of the others for ever: to the end of the line.
    for (const ref of served.get(false) ?? []) await mwi.beginRecount(ref);
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
