import { isMailbox, mailboxKey } from '@voicemail/domain';
import type { MailboxRef, MwiStore } from '@voicemail/mwi-store';
import type { Clock } from '@voicemail/runtime';
import type { ProjectorLimits } from './limits.ts';
import type { MailboxLocks } from './mailbox-locks.ts';
import type { ProjectorMetrics } from './projector-metrics.ts';
import type { RecountSource } from './recount-source.ts';
import { requestRecount } from './request-recount.ts';
import type { TenantList } from './tenant-list.ts';

export interface DiscoveryDeps {
  readonly mwi: MwiStore;
  readonly source: RecountSource;
  readonly tenants: TenantList;
  readonly locks: MailboxLocks;
  readonly clock: Clock;
  readonly metrics: ProjectorMetrics;
  readonly limits: Pick<ProjectorLimits, 'maxWitnesses' | 'discoveryRetryMs'>;
  readonly onFailure: (work: string, error: unknown) => void;
}

/**
 * Finds mailboxes that the stores hold and the counts have never heard of: at the start, of each new tenant, and after the counts were
 * lost, which says nothing of itself but that mailboxes counted before read as never counted.
 */
export interface Discovery {
  /**
   * Remembers a mailbox that was counted, to be asked about later, while there is room: were the oldest forgotten for it, those that are
   * recounted after a loss would take the places of all that could tell of it.
   */
  witness(ref: MailboxRef): void;
  /** Asks the witnesses, then lists the tenants whose turn it is. */
  look(signal: AbortSignal): Promise<void>;
}

export function discovery(deps: DiscoveryDeps): Discovery {
  const { mwi, source, tenants, locks, clock, metrics, limits, onFailure } = deps;
  const witnesses = new Map<string, MailboxRef>();
  /** Tenants whose mailboxes are all known to the counts. */
  const done = new Set<string>();
  /** Tenants that could not be listed, and when they are tried again, on the monotonic scale. */
  const retryAtMs = new Map<string, number>();

  const askWitnesses = async (): Promise<void> => {
    for (const ref of witnesses.values()) {
      if ((await mwi.read(ref)) !== null) continue;
      metrics.losses.inc({});
      witnesses.clear();
      done.clear();
      return;
    }
  };
  const list = async (tenant: string, signal: AbortSignal): Promise<void> => {
    for await (const mailbox of source.listMailboxes(tenant)) {
      signal.throwIfAborted();
      if (isMailbox(mailbox)) await requestRecount(mwi, locks, { tenant, mailbox });
    }
  };

  return {
    witness: (ref) => {
      if (witnesses.size >= limits.maxWitnesses) return;
      witnesses.set(mailboxKey(ref.tenant, ref.mailbox), { tenant: ref.tenant, mailbox: ref.mailbox });
    },
    look: async (signal) => {
      await askWitnesses();
      for (const { tenantId } of tenants.all()) {
        if (done.has(tenantId) || (retryAtMs.get(tenantId) ?? 0) > clock.monotonicMs()) continue;
        retryAtMs.delete(tenantId);
        try {
          await list(tenantId, signal);
          done.add(tenantId);
        } catch (error) {
          // One tenant's store that is down holds up nobody else.
          if (signal.aborted) return;
          retryAtMs.set(tenantId, clock.monotonicMs() + limits.discoveryRetryMs);
          onFailure('discover', error);
        }
      }
    },
  };
}
