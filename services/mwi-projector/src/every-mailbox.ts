import { isMailbox } from '@voicemail/domain';
import type { MailboxRef, MwiStore } from '@voicemail/mwi-store';
import type { ProjectorLimits } from './limits.ts';
import type { ProjectedTenant, RecountSource } from './recount-source.ts';

export interface EveryMailboxDeps {
  readonly mwi: MwiStore;
  readonly source: RecountSource;
  readonly limits: Pick<ProjectorLimits, 'maxRememberedMailboxes' | 'listPageSize'>;
  readonly onFailure: (work: string, error: unknown) => void;
}

/**
 * Every mailbox of these tenants: those that the stores hold, then those that only the counts know, for whatever was behind them may be
 * gone altogether. A tenant that cannot be listed is passed over.
 */
export async function* everyMailbox(
  deps: EveryMailboxDeps,
  tenants: Iterable<ProjectedTenant>,
  signal: AbortSignal,
): AsyncGenerator<MailboxRef> {
  for (const { tenantId } of tenants) {
    try {
      yield* mailboxesOf(deps, tenantId);
    } catch (error) {
      signal.throwIfAborted();
      deps.onFailure('reconcile', error);
    }
  }
}

async function* mailboxesOf({ mwi, source, limits }: EveryMailboxDeps, tenant: string): AsyncGenerator<MailboxRef> {
  const seen = new Set<string>();
  for await (const mailbox of source.listMailboxes(tenant)) {
    if (!isMailbox(mailbox)) continue;
    if (seen.size < limits.maxRememberedMailboxes) seen.add(mailbox);
    yield { tenant, mailbox };
  }
  let after: string | null = null;
  for (;;) {
    const page = await mwi.mailboxes(tenant, { after, limit: limits.listPageSize });
    for (const { mailbox } of page) if (!seen.has(mailbox)) yield { tenant, mailbox };
    after = page.at(-1)?.mailbox ?? null;
    if (page.length < limits.listPageSize) return;
  }
}
