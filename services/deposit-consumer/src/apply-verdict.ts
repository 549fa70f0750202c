import { isStub, type Held, type MessageRecord, type Metadata, type Verdict } from '@voicemail/domain';
import type { NewRecord } from '@voicemail/event-log';
import { MAX_LIST_AGE_MS } from '@voicemail/gdpr';
import {
  deleteMessage,
  eraseMessage,
  markMessage,
  messageFact,
  readMessage,
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
 * erased, unless it is under a legal hold. Asked after its metadata is written: a request that came meanwhile either finds the message, or is found here.
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
  const isHeld = verdict.kind === 'suppress' && holdOn(context, stores, message) !== null;
  if (verdict.kind === 'suppress' && !isHeld) {
    const deleted = await deleteMessage(stores, mailbox, messageId, 'forgetme', now);
    if (deleted === null) return { record: message, facts: [] };
    const after = async (): Promise<void> =>
      reportNotErased(context, stores.tenant, (await eraseMessage(stores, deleted)).notErased);
    return { record: deleted.record, facts: [], after };
  }
  const requestIds = requestsOf(verdict);
  const [requestId] = requestIds;
  if (requestId === undefined) return { record: message, facts: [] };
  if (isMarkedFor(message, requestIds)) {
    // An attempt before may have died between its mark and the recording's tag.
    await settleMediaTag(stores, message);
    return { record: message, facts: [] };
  }
  const marked = await markMessage(stores, mailbox, messageId, requestId, now);
  if (marked === null) return { record: message, facts: [] };
  const facts = isStub(marked.record) ? [] : [messageFact(marked.record, 'forget-marked', cause)];
  return { record: marked.record, facts };
}

/** Whether a deposit's message stands there and is under a legal hold: then the deposit is not suppressed, though its caller is erased. */
export async function standsHeld(
  context: HandlerContext,
  stores: TenantStores,
  { mailbox, messageId }: Pick<Metadata, 'mailbox' | 'messageId'>,
): Promise<boolean> {
  if (context.ledgers(stores).state.holds.all.size === 0) return false;
  const standing = (await readMessage(stores, mailbox, messageId))?.value;
  return standing !== undefined && holdOn(context, stores, standing) !== null;
}

/** What stands there then. */
export interface Applied {
  readonly record: MessageRecord;
  /** To be announced, beside what brought the message here. */
  readonly facts: readonly NewRecord[];
  /** To be done once all that is announced. */
  readonly after?: () => Promise<void>;
}

/** Whether a message that stands there is under a legal hold, by the list of the verdict. */
const holdOn = ({ ledgers, clock }: HandlerContext, stores: TenantStores, message: Metadata): Held | null =>
  ledgers(stores).state.holds.on({ hashes: soughtHashes(stores, message.callerId), message }, clock.now());

/** Those that ask for a mark. Of an erased caller only what is held is marked: then the rule deletes it when the hold ends. */
function requestsOf(verdict: Verdict): readonly string[] {
  if (verdict.kind === 'none') return [];
  return verdict.kind === 'mark' ? verdict.requestIds : [verdict.requestId];
}

const isMarkedFor = ({ forgetRequestIds = [] }: Metadata, requestIds: readonly string[]): boolean =>
  requestIds.some((id) => forgetRequestIds.includes(id));
