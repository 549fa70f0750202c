import { readRecord, TOPICS, type IncomingEvent } from '@voicemail/contracts';
import { actionOrder, isStub, type MessageRecord } from '@voicemail/domain';
import { firstTaken, type LogRecord, type NewRecord } from '@voicemail/event-log';
import {
  changeState,
  deleteMessage,
  eraseMessage,
  forwardMessage,
  messageFact,
  reportNotErased,
  type DeleteOutcome,
  type NotErased,
  type TenantStores,
} from '@voicemail/message-store';
import { applyVerdict } from './apply-verdict.ts';
import type { HandlerContext } from './handle-deposit.ts';
import { servedTenant } from './served-tenant.ts';

/** The action's message is not there yet: its deposit may still come. */
export class NotThereYet extends Error {
  override readonly name = 'NotThereYet';
}

type ActionEvent = Extract<IncomingEvent, { kind: 'action' }>;

/**
 * Applies a message action and announces what stands there then. Resolves when both are durable; may be repeated.
 * @throws NotThereYet: try again later. InvalidEvent, Refusal: a dead letter. StoreError, LogError: try again.
 */
export async function handleAction(context: HandlerContext, record: LogRecord): Promise<void> {
  const { log, tenants, clock } = context;
  const event = readRecord(TOPICS.messageActions, record);
  if (event.kind !== 'action') throw new TypeError(`a ${event.kind} event came from the topic of actions`);
  const stores = servedTenant(tenants, event.data.tenant);
  const takenAt = new Date(firstTaken(record)).toISOString();
  const now = new Date(clock.now()).toISOString();
  const applied = await apply(context, stores, event, takenAt, now);
  if (applied === null) throw new NotThereYet('the message of the action is not there');
  await log.append(applied.facts);
  await applied.after?.();
  const ofDeleted = applied.deleted === undefined ? null : await eraseMessage(stores, applied.deleted);
  reportNotErased(context, stores.tenant, [...(applied.notErased ?? []), ...(ofDeleted?.notErased ?? [])]);
}

interface Applied {
  /** What is to be announced. */
  readonly facts: readonly NewRecord[];
  /** What is to be erased after that. */
  readonly deleted?: DeleteOutcome;
  readonly notErased?: readonly NotErased[];
  /** What is to be done with the target of a forward after that. */
  readonly after?: () => Promise<void>;
}

/** null where there is no message yet. */
async function apply(
  context: HandlerContext,
  stores: TenantStores,
  event: ActionEvent,
  takenAt: string,
  now: string,
): Promise<Applied | null> {
  const { mailbox, messageId, action, at } = event.data;
  const fact = (record: MessageRecord, change: 'read' | 'unread' | 'deleted' | 'deposited' | 'forwarded'): NewRecord =>
    messageFact(record, change, event);
  if (action === 'forward') {
    const forwarded = await forwardMessage(stores, { mailbox, messageId }, event.data.toMailbox, event.id, now);
    if (forwarded === null) return null;
    const { source, target, notErased } = forwarded;
    if (target === null || isStub(target)) {
      const ofTarget = target === null ? [] : [fact(target, 'deposited')];
      return { facts: [fact(source, 'forwarded'), ...ofTarget], notErased };
    }
    // A request that came since the source was read may not have found the target.
    const { record, facts, after } = await applyVerdict(context, stores, target, event);
    const all = [fact(source, 'forwarded'), fact(record, 'deposited'), ...facts];
    return { facts: all, notErased, ...(after === undefined ? {} : { after }) };
  }
  if (action === 'delete') {
    const deleted = await deleteMessage(stores, mailbox, messageId, 'user', now);
    return deleted === null ? null : { facts: [fact(deleted.record, 'deleted')], deleted };
  }
  const order = actionOrder(at, takenAt, event.id);
  const changed = await changeState(stores, mailbox, messageId, { action, order }, now);
  return changed === null ? null : { facts: [fact(changed.record, action)] };
}
