import { readRecord, TOPICS } from '@voicemail/contracts';
import { actionOrder } from '@voicemail/domain';
import type { LogRecord } from '@voicemail/event-log';
import { changeMailbox, changeState, deleteMessage, forwardMessage, storeDeposit } from '@voicemail/message-store';
import { START, type World } from './world.ts';

/** A deposit that is stored already, as its consumer leaves it. */
export async function stored(
  { stores }: World,
  mailbox: string,
  messageId: string,
  changes: {
    readonly second?: number;
    readonly bytes?: Buffer;
    readonly contentType?: string;
    readonly region?: string;
  } = {},
): Promise<void> {
  const at = new Date(START + (changes.second ?? 0) * 1_000).toISOString();
  const media = {
    contentType: changes.contentType ?? 'audio/wav',
    bytes: changes.bytes ?? Buffer.from(`RIFF sound of ${messageId}`),
  };
  const deposit = {
    mailbox,
    messageId,
    callerId: '+15551212000',
    region: changes.region ?? 'westus2',
    depositedAt: at,
    takenAt: at,
    priority: 'normal' as const,
    private: false,
    durationMs: 1_000,
    media,
  };
  await storeDeposit(stores, deposit, at);
}

/** Has what the API appended take effect once: what the deposit consumer does with the records of these topics. */
export async function consumeChanges(world: World): Promise<void> {
  for (const topic of [TOPICS.mailboxes, TOPICS.messageActions]) {
    for (const record of await world.records(topic)) await takeEffect(world, topic, record);
  }
}

async function takeEffect({ stores, clock }: World, topic: string, record: LogRecord): Promise<void> {
  const event = readRecord(topic, record);
  const now = new Date(clock.now()).toISOString();
  if (event.kind === 'mailbox') {
    await changeMailbox(stores, event.data.mailbox, event.data.settings, { time: event.time, id: event.id });
    return;
  }
  if (event.kind !== 'action') throw new TypeError('a deposit came from another topic');
  const { mailbox, messageId, action, at } = event.data;
  if (action === 'delete') await deleteMessage(stores, mailbox, messageId, 'user', now);
  else if (action === 'forward') {
    await forwardMessage(stores, { mailbox, messageId }, event.data.toMailbox, event.id, now);
  } else {
    const order = actionOrder(at, new Date(record.appendedAt).toISOString(), event.id);
    await changeState(stores, mailbox, messageId, { action, order }, now);
  }
}

/** Consumes, and lets time pass, until a call that waits for its effect has its answer. */
export function answered<T>(world: World, call: Promise<T>): Promise<T> {
  return world.whileTimePasses(call, () => consumeChanges(world));
}
