import type { StorageCopyBody, StorageCopyView } from '@voicemail/contracts';
import { chooseTenants, copyStorage, isCopied, newCopyReport, NoSuchCopy } from '@voicemail/message-store';
import { UsageError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { withStoresAlone, type Alone } from '../embedded/alone.ts';
import { followed } from './storage-work.ts';

/** Copies while no service runs: then everything is brought over, and the target takes over as master region where the source is it. */
export function copyAlone(context: CommandContext, body: StorageCopyBody): Promise<StorageCopyView> {
  return withStoresAlone(context, (alone) => copyWith(context, alone, body));
}

async function copyWith(context: CommandContext, alone: Alone, body: StorageCopyBody): Promise<StorageCopyView> {
  const { clock } = context;
  const { from, to } = body;
  const copies = chosen(alone, body).map((tenant) => ({ tenant, report: newCopyReport() }));
  const startedAt = new Date(clock.now()).toISOString();
  const { signal } = new AbortController();
  const outcome: { isOver: boolean; failure: unknown } = { isOver: false, failure: null };
  const view = (): StorageCopyView => ({
    state: outcome.isOver ? 'done' : 'running',
    startedAt,
    endedAt: outcome.isOver ? new Date(clock.now()).toISOString() : null,
    reason: null,
    from,
    to,
    items: copies.map(({ tenant, report }) => ({ tenant: tenant.tenantId, ...report, isComplete: isCopied(report) })),
  });
  const copyAll = async (): Promise<void> => {
    for (const { tenant, report } of copies) {
      await copyStorage(await alone.open(tenant), { from, to, isAlone: true, clock, signal }, report);
      if (report.isHandedOver) await alone.forgetMaster(tenant.tenantId);
    }
  };
  void copyAll().then(
    () => Object.assign(outcome, { isOver: true }),
    (failure: unknown) => Object.assign(outcome, { isOver: true, failure }),
  );
  const copied = await followed(context, view(), async () => view());
  if (outcome.failure !== null) throw outcome.failure;
  return copied;
}

/** @throws UsageError. */
function chosen({ tenants }: Alone, body: StorageCopyBody) {
  try {
    return chooseTenants(tenants, body);
  } catch (error) {
    if (error instanceof NoSuchCopy) throw new UsageError(error.message);
    throw error;
  }
}
