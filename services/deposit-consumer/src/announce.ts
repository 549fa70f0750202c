import { messageFactRecord, type MailboxChangedData, type MessageChangedData } from '@voicemail/contracts';
import { isStub, mailboxUsers, UNPROVISIONED, type MailboxDocument, type MessageRecord } from '@voicemail/domain';
import type { NewRecord } from '@voicemail/event-log';

/** The event that a fact follows from: its trace goes on. */
export interface Cause {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

type Change = MessageChangedData['change'];

const SOURCE = '/voicemail/deposit-consumer';

/**
 * The fact that says what stands there now, which may be later than what was asked for where a record comes again. The same
 * revision and change make the same fact under the same id, so that announcing it again after a crash is nothing new to anybody.
 * @param change what was done; a deleted message is `deleted` whatever was asked.
 */
export function messageFact(record: MessageRecord, change: Change, cause: Cause): NewRecord {
  const { tenant, mailbox, messageId, revision } = record;
  const what = isStub(record)
    ? {
        change: 'deleted' as const,
        state: 'gone' as const,
        urgent: false,
        at: record.goneAt,
        ...(record.reason === 'swept' ? {} : { reason: record.reason }),
      }
    : { change, state: record.state, urgent: record.priority === 'urgent', at: record.modifiedAt };
  const data: MessageChangedData = { tenant, mailbox, messageId, revision, ...what };
  const id = `${tenant}/${mailbox}/${messageId}/${revision}/${what.change}`;
  return messageFactRecord(data, { id, source: SOURCE, time: what.at, ...trace(cause) });
}

/** The fact that carries a mailbox's settings, so that a projection needs this topic alone. */
export function mailboxFact(document: MailboxDocument, cause: Cause): NewRecord {
  const { tenant, mailbox, revision, lastEvent } = document;
  const settings = document.settings ?? UNPROVISIONED;
  const data: MailboxChangedData = {
    tenant,
    mailbox,
    change: 'mailbox-changed',
    kind: settings.kind,
    users: [...mailboxUsers(settings)],
    status: settings.status,
    revision,
    at: lastEvent.time,
    maxMessages: settings.maxMessages ?? null,
    displayName: settings.displayName ?? null,
  };
  const id = `${tenant}/${mailbox}/${revision}/mailbox-changed`;
  return messageFactRecord(data, { id, source: SOURCE, time: lastEvent.time, ...trace(cause) });
}

function trace({ traceparent, tracestate }: Cause): Cause {
  return { ...(traceparent === undefined ? {} : { traceparent }), ...(tracestate === undefined ? {} : { tracestate }) };
}
