import { messageFactRecord, type MailboxChangedData } from '@voicemail/contracts';
import { mailboxUsers, UNPROVISIONED, type MailboxDocument } from '@voicemail/domain';
import type { NewRecord } from '@voicemail/event-log';
import { FACT_SOURCE, traceOf, type Cause } from '@voicemail/message-store';

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
  return messageFactRecord(data, { id, source: FACT_SOURCE, time: lastEvent.time, ...traceOf(cause) });
}
