import { InvalidEvent, readMessageFact, type MessageFactData } from '@voicemail/contracts';
import { mailboxKey, type CountEntry } from '@voicemail/domain';
import type { LogRecord } from '@voicemail/event-log';
import type { MailboxFacts, MailboxRef, MwiChange } from '@voicemail/mwi-store';

/** What a run of facts says of one mailbox. */
export interface FactsOfMailbox {
  readonly ref: MailboxRef;
  readonly change: MwiChange;
  /** The newest record among them: its trace goes on in what is published. */
  readonly newest: LogRecord;
  readonly count: number;
}

/** Why a fact is passed over. */
export type SkipReason = InvalidEvent['reason'] | 'unknown-tenant';

/**
 * Reads facts, in order, mailbox by mailbox. What cannot be read is told to `onSkip` and passed over: facts are our own words, so nobody
 * else could mend one, and the reconciler finds what it would have said.
 */
export function readFacts(
  records: readonly LogRecord[],
  isServed: (tenant: string) => boolean,
  onSkip: (record: LogRecord, reason: SkipReason, error?: InvalidEvent) => void,
): readonly FactsOfMailbox[] {
  const byMailbox = new Map<string, { ref: MailboxRef; facts: MessageFactData[]; newest: LogRecord }>();
  for (const record of records) {
    const fact = readOrSkip(record, onSkip);
    if (fact === null) continue;
    const { tenant, mailbox } = fact;
    if (!isServed(tenant)) {
      onSkip(record, 'unknown-tenant');
      continue;
    }
    const key = mailboxKey(tenant, mailbox);
    const heard = byMailbox.get(key) ?? { ref: { tenant, mailbox }, facts: [], newest: record };
    heard.facts.push(fact);
    heard.newest = record;
    byMailbox.set(key, heard);
  }
  return Array.from(byMailbox.values(), ({ ref, facts, newest }) => ({
    ref,
    change: changeOf(facts),
    newest,
    count: facts.length,
  }));
}

function readOrSkip(
  record: LogRecord,
  onSkip: (record: LogRecord, reason: SkipReason, error?: InvalidEvent) => void,
): MessageFactData | null {
  try {
    return readMessageFact(record);
  } catch (error) {
    if (!(error instanceof InvalidEvent)) throw error;
    onSkip(record, error.reason, error);
    return null;
  }
}

function changeOf(facts: readonly MessageFactData[]): MwiChange {
  const entries: CountEntry[] = [];
  let settings: MailboxFacts | undefined;
  for (const fact of facts) {
    if (fact.change !== 'mailbox-changed') {
      const { messageId, revision, state, urgent } = fact;
      entries.push({ messageId, revision, state, urgent });
    } else if (settings === undefined || fact.revision > settings.revision) {
      const { revision, kind, users, status, maxMessages, displayName } = fact;
      settings = { revision, kind, users, status, maxMessages, displayName };
    }
  }
  return settings === undefined ? { entries } : { entries, settings };
}
