import { GdprRequestData } from '../data/gdpr.ts';
import { MailboxData, mailboxChangeOf } from '../data/mailbox.ts';
import { AnyMessageAction, MessageActionData } from '../data/message-action.ts';
import { check, type Checked, type Schema } from '../fault.ts';
import { EVENT_TYPES, TOPICS } from '../topics.ts';
import { checkedEvent } from './checked-event.ts';
import type { IncomingEvent } from './incoming-event.ts';
import { isJsonType } from './json.ts';
import { readTombstone } from './mailbox-tombstone.ts';
import { jsonData, type OpenEvent } from './open-event.ts';
import { readDeposit } from './read-deposit.ts';
import type { EventRecord } from './record.ts';

/**
 * Reads a record of an incoming topic, in either content mode (CloudEvents Kafka binding §3).
 * @throws InvalidEvent with every fault.
 * @throws TypeError when it is not one of the incoming topics (`isIncomingTopic`).
 */
export function readRecord(topic: string, record: EventRecord): IncomingEvent {
  switch (topic) {
    case TOPICS.deposits: {
      const { context, data } = checkedEvent(record, EVENT_TYPES.deposit, readDeposit);
      return { kind: 'deposit', ...context, data };
    }
    case TOPICS.messageActions: {
      const { context, data } = checkedEvent(record, EVENT_TYPES.messageAction, readAction);
      return { kind: 'action', ...context, data };
    }
    case TOPICS.mailboxes: {
      if (record.value === null) return readTombstone(record);
      const { context, data } = checkedEvent(record, EVENT_TYPES.mailbox, dataOf(MailboxData));
      return { kind: 'mailbox', ...context, data: mailboxChangeOf(data) };
    }
    case TOPICS.gdprRequests: {
      const { context, data } = checkedEvent(record, EVENT_TYPES.gdprRequest, dataOf(GdprRequestData));
      return { kind: 'gdpr-request', ...context, data };
    }
    default:
      throw new TypeError(`${topic} is not a topic whose events are read here`);
  }
}

/** Reads the data of an event as JSON that a schema describes. */
export function dataOf<T>(schema: Schema<T>): (event: OpenEvent) => Checked<T> {
  return (event) => {
    const json = jsonData(event, isJsonType);
    return 'path' in json ? { ok: false, faults: [json] } : check(schema, json.value, 'data');
  };
}

function readAction(event: OpenEvent): Checked<MessageActionData> {
  const checked = dataOf(MessageActionData)(event);
  if (checked.ok || !checked.faults.some(({ path }) => path === 'data.action')) return checked;
  // A union whose kind cannot be told says nothing about the other fields.
  const others = dataOf(AnyMessageAction)(event);
  return others.ok ? checked : { ok: false, faults: [...checked.faults, ...others.faults] };
}
