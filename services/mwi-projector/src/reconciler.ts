import type { Holding } from '@voicemail/event-log';
import type { MailboxRef } from '@voicemail/mwi-store';
import type { Clock } from '@voicemail/runtime';
import { compare, isConfirmed, type Comparison } from './compare.ts';
import { dueTenants } from './due-tenants.ts';
import { everyMailbox, type EveryMailboxDeps } from './every-mailbox.ts';
import type { ProjectorLimits } from './limits.ts';
import type { MailboxLocks } from './mailbox-locks.ts';
import { slicePace } from './pace.ts';
import type { Projection } from './projection.ts';
import type { ProjectorMetrics } from './projector-metrics.ts';
import { requestRecount } from './request-recount.ts';
import type { TenantList } from './tenant-list.ts';

export interface ReconcilerDeps extends EveryMailboxDeps {
  readonly tenants: TenantList;
  /** null where a mailbox is another process's. */
  readonly holdingOf: (ref: MailboxRef) => Holding | null;
  readonly projection: Projection;
  readonly locks: MailboxLocks;
  readonly clock: Clock;
  readonly metrics: ProjectorMetrics;
  readonly limits: ProjectorLimits;
  readonly onDrift: (ref: MailboxRef, messages: number) => void;
}

/** A mailbox that differed at the first look. */
interface Suspect {
  readonly ref: MailboxRef;
  readonly suspected: Comparison & { readonly isUnknown: false };
  /** When it is looked at again, on the monotonic scale. */
  readonly dueMs: number;
}

/**
 * Compares the counts with the stores, mailbox by mailbox, over and over, each tenant's at its own interval and no faster than the slices
 * allow, until the signal says stop.
 * Each process looks at the mailboxes that are its own at the time.
 * A difference that a second look still finds is drift: its fact is not just on its way. Drift is repaired by a recount, and counted.
 */
export async function runReconciler(deps: ReconcilerDeps, signal: AbortSignal): Promise<void> {
  const { mwi, source, tenants, holdingOf, projection, locks, clock, metrics, limits, onFailure, onDrift } = deps;
  const suspects: Suspect[] = [];

  /** One mailbox that cannot be read holds up no other; the next pass comes by again. */
  const guarded = async (look: () => Promise<void>): Promise<void> => {
    try {
      await look();
    } catch (error) {
      if (signal.aborted) throw error;
      onFailure('reconcile', error);
    }
  };
  const secondLook = async ({ ref, suspected }: Suspect): Promise<void> => {
    const holding = holdingOf(ref);
    if (holding === null) return;
    const stop = async (): Promise<void> => signal.throwIfAborted();
    if (!(await isConfirmed(mwi, source, ref, suspected, stop))) return;
    const drift = await projection.repair(ref, holding, signal);
    metrics.drift.inc({}, drift);
    if (drift > 0) onDrift(ref, drift);
  };
  const lookAgain = async (): Promise<void> => {
    for (let due = suspects[0]; due !== undefined && due.dueMs <= clock.monotonicMs(); due = suspects[0]) {
      const suspect = due;
      suspects.shift();
      await guarded(() => secondLook(suspect));
    }
  };
  // Second looks do not wait until a long first one is over.
  const pace = slicePace(clock, limits, signal, lookAgain);
  const firstLook = async (ref: MailboxRef): Promise<void> => {
    const suspected = await compare(mwi, source, ref, () => pace.message());
    metrics.checked.inc({});
    if (suspected.isUnknown) return requestRecount(mwi, locks, ref);
    if (suspected.messageIds.length === 0 && !suspected.hasNewerSettings) return;
    suspects.push({ ref, suspected, dueMs: clock.monotonicMs() + limits.confirmDriftMs });
  };
  const due = dueTenants(tenants, clock, limits.passIntervalMs);
  const passOver = async (): Promise<void> => {
    for await (const ref of everyMailbox(deps, due.take(), signal)) {
      if (holdingOf(ref) === null) continue;
      while (suspects.length >= limits.maxSuspects) await pace.rest();
      await guarded(() => firstLook(ref));
      await pace.mailbox();
    }
  };

  while (!signal.aborted) {
    const beganMs = clock.monotonicMs();
    try {
      await passOver();
      metrics.passSeconds.set({}, (clock.monotonicMs() - beganMs) / 1_000);
      do await pace.rest();
      while (!due.isAny());
    } catch (error) {
      // Nothing but the signal ends a pass: what fails is guarded, mailbox by mailbox and tenant by tenant.
      if (!signal.aborted) throw error;
    }
  }
}
