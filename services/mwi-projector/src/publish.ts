import { mwiRecord } from '@voicemail/contracts';
import type { Holding, LogRecord } from '@voicemail/event-log';
import { mwiData, type MwiSnapshot, type MwiStore } from '@voicemail/mwi-store';
import type { Clock, Ids } from '@voicemail/runtime';
import type { ProjectorMetrics } from './projector-metrics.ts';
import type { TenantList } from './tenant-list.ts';

const SOURCE = '/voicemail/mwi-projector';

/**
 * `done`: the topic's last record says what is counted. `overtaken`: another process published a higher revision meanwhile, and the topic's
 * last record may be ours.
 */
export type PublishOutcome = 'done' | 'overtaken';

export interface PublishDeps {
  readonly mwi: MwiStore;
  readonly tenants: TenantList;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly metrics: Pick<ProjectorMetrics, 'published'>;
}

/** How one publication goes. */
export interface PublishRequest {
  /** What the mailbox was just found to hold, when it was known. */
  readonly snapshot: MwiSnapshot;
  /** Publishes also what was published before: where the topic's last record may be another. */
  readonly again: boolean;
  /** The mailbox's, and had before the snapshot: then nothing older comes behind what another process publishes. */
  readonly holding: Holding;
  /** The record that led here, if one did: its trace is carried on. */
  readonly cause: LogRecord | null;
  /** Whoever was told to stop publishes nothing more: somebody else has the mailbox by then. */
  readonly signal: AbortSignal;
}

/** Publishes what a mailbox holds, if that was not published yet, and remembers that it was. */
export async function publish(
  { mwi, tenants, clock, ids, metrics }: PublishDeps,
  { snapshot, again, holding, cause, signal }: PublishRequest,
): Promise<PublishOutcome> {
  if (snapshot.revision <= snapshot.publishedRevision && !again) return 'done';
  const data = mwiData(snapshot, tenants.find(snapshot.tenant)?.sipDomain ?? null);
  const meta = { id: ids.uuid(), source: SOURCE, time: new Date(clock.now()).toISOString(), ...traceOf(cause) };
  const record = mwiRecord(data, meta);
  signal.throwIfAborted();
  await holding.append([record]);
  metrics.published.inc({});
  const published = await mwi.markPublished(snapshot, snapshot.revision);
  return published > snapshot.revision ? 'overtaken' : 'done';
}

function traceOf(record: LogRecord | null): { traceparent?: string; tracestate?: string } {
  const { traceparent, tracestate } = record?.headers ?? {};
  if (traceparent === undefined) return {};
  return tracestate === undefined ? { traceparent } : { traceparent, tracestate };
}
