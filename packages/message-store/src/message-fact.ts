import { messageFactRecord, type MessageChangedData, type OutgoingRecord } from '@voicemail/contracts';
import { isStub, type MessageRecord } from '@voicemail/domain';

/** The event that a fact follows from: its trace goes on. */
export interface Cause {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

type Change = MessageChangedData['change'];

/** Whoever announces it: the same fact is the same event. */
export const FACT_SOURCE = '/voicemail/deposit-consumer';

/**
 * The fact that says what stands there now, which may be later than what was asked for where a record comes again. The same
 * revision and change make the same fact under the same id, so that announcing it again after a crash is nothing new to anybody.
 * @param change what was done; a deleted message is `deleted` whatever was asked.
 */
export function messageFact(record: MessageRecord, change: Change, cause: Cause): OutgoingRecord {
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
  return messageFactRecord(data, { id, source: FACT_SOURCE, time: what.at, ...traceOf(cause) });
}

export function traceOf({ traceparent, tracestate }: Cause): Cause {
  return { ...(traceparent === undefined ? {} : { traceparent }), ...(tracestate === undefined ? {} : { tracestate }) };
}
