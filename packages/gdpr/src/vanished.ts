import { isHoldInForce } from '@voicemail/domain';
import { eraseMessage, messageFact, putForgottenStub, reportNotErased } from '@voicemail/message-store';
import { nowText, type Turn } from './context.ts';

type Ref = Parameters<typeof putForgottenStub>[1];

/**
 * Completes the deletion of a marked message that its store has lost: a lifecycle rule of the store's own deletes without a word to anybody. Its stub
 * is put, its fact is announced, so that the lamps follow, and what any store keeps of it is erased. May be repeated. Where a legal hold is in force
 * nothing is done: without its metadata nobody knows whether it is held.
 * @throws StoreError.
 */
export async function settleVanished(turn: Turn, ref: Ref): Promise<void> {
  const { stores, ledger, clock, log, logger } = turn;
  const holds = [...ledger.state.holds.all.values()];
  if (holds.some((hold) => isHoldInForce(hold, clock.now()))) return;
  const { stub, notErased } = await putForgottenStub(stores, ref, nowText(turn));
  logger.info({ tenant: stores.tenant, ...ref }, 'a marked message was gone from its store: its deletion is completed');
  await log.append([messageFact(stub, 'deleted', {})]);
  const left = await eraseMessage(stores, { changed: true, record: stub, media: null, mayBeMarked: true });
  reportNotErased(turn, stores.tenant, [...notErased, ...left]);
}
