import type { EventLog } from '@voicemail/event-log';
import type { Ledger, Ledgers, TenantStores } from '@voicemail/message-store';
import type { Clock, Ids, Logger, Metrics } from '@voicemail/runtime';
import type { Told } from './news.ts';

/** What the work on GDPR requests stands on. */
export interface GdprParts {
  readonly log: EventLog;
  readonly ledgers: Ledgers;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** The name under which this process has leases: nobody else's, and the same again after a restart where that can be. */
  readonly holder: string;
  /** After its mark nothing puts a message's deletion off any longer, ms. */
  readonly hardDeadlineMs: number;
}

/** The same, with what a process remembers of each tenant. */
export interface GdprContext extends GdprParts {
  readonly toldOf: (tenant: string) => Told;
}

/** The same while a tenant's lease is ours. */
export interface Turn extends GdprContext {
  readonly stores: TenantStores;
  readonly ledger: Ledger;
  /** By request: how often this process has tried it while it waits. */
  readonly tried: Map<string, number>;
  /** Aborts when the lease is lost or the process stops. */
  readonly signal: AbortSignal;
}

/** @returns RFC 3339. */
export const nowText = ({ clock }: Pick<GdprContext, 'clock'>): string => new Date(clock.now()).toISOString();
