import { isStub, type MessageRecord, type Metadata, type Verdict } from '@voicemail/domain';
import type { NewRecord } from '@voicemail/event-log';
import { MAX_LIST_AGE_MS } from '@voicemail/gdpr';
import {
  deleteMessage,
  eraseMessage,
  markMessage,
  messageFact,
  reportNotErased,
  settleMediaTag,
  soughtHashes,
  type Cause,
  type TenantStores,
} from '@voicemail/message-store';
import { StoreError } from '@voicemail/object-store';
import type { HandlerContext } from './handle-deposit.ts';

/**
 * What the requests of a tenant ask to be done with something of a caller, by a list of forgotten callers that is at most some seconds old.
 * @param time RFC 3339: of the thing. @throws StoreError where the list cannot be refreshed: then nothing may be stored.
 */
export async function verdictOn(
  { ledgers }: Pick<HandlerContext, 'ledgers'>,
  stores: TenantStores,
  callerId: string | null,
  time: string,
): Promise<Verdict> {
  const state = await ledgers(stores)
    .within(MAX_LIST_AGE_MS)
    .catch((error: unknown) => {
      if (!(error instanceof StoreError) || error.retryable) throw error;
      // Nothing is wrong with the deposit: it waits until a person has put the ledger right.
      const options = { cause: error };
      throw new StoreError('unavailable', error.operation, error.key, 'the ledger of requests cannot be read', options);
    });
  if (state.requests.size === 0) return { kind: 'none' };
  return state.judge(soughtHashes(stores, callerId), Date.parse(time));
}

/**
 * Has a message that was stored, or found stored, follow the requests about its caller: marked where one is in force, deleted where the caller is
 * erased. Asked after its metadata is written: a request that came meanwhile either finds the message, or is found here.
 * @param cause of the facts.
 */
export async function applyVerdict(
  context: HandlerContext,
  stores: TenantStores,
  message: Metadata,
  cause: Cause,
): Promise<Applied> {
  const { mailbox, messageId } = message;
  const now = new Date(context.clock.now()).toISOString();
  const verdict = await verdictOn(context, stores, message.callerId, message.time);
  if (verdict.kind === 'suppress') {
    const deleted = await deleteMessage(stores, mailbox, messageId, 'forgetme', now);
    if (deleted === null) return { record: message, facts: [] };
    const after = async (): Promise<void> =>
      reportNotErased(context, stores.tenant, await eraseMessage(stores, deleted));
    return { record: deleted.record, facts: [], after };
  }
  const [requestId] = verdict.kind === 'mark' ? verdict.requestIds : [];
  if (requestId === undefined) return { record: message, facts: [] };
  if (isMarkedFor(message, verdict)) {
    // An attempt before may have died between its mark and the recording's tag.
    await settleMediaTag(stores, message);
    return { record: message, facts: [] };
  }
  const marked = await markMessage(stores, mailbox, messageId, requestId, now);
  if (marked === null) return { record: message, facts: [] };
  const facts = isStub(marked.record) ? [] : [messageFact(marked.record, 'forget-marked', cause)];
  return { record: marked.record, facts };
}

/** What stands there then. */
export interface Applied {
  readonly record: MessageRecord;
  /** To be announced, beside what brought the message here. */
  readonly facts: readonly NewRecord[];
  /** To be done once all that is announced. */
  readonly after?: () => Promise<void>;
}

const isMarkedFor = ({ forgetRequestIds = [] }: Metadata, verdict: Verdict): boolean =>
  verdict.kind === 'mark' && verdict.requestIds.some((id) => forgetRequestIds.includes(id));
