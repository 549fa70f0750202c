import type { CountEntry } from '@voicemail/domain';
import { UNPROVISIONED_FACTS } from '../lamp.ts';
import { MwiError } from '../mwi-error.ts';
import type { MailboxFacts, MailboxRef, MwiSnapshot } from '../port.ts';

/** A message id and its entry, as scripts take and give them. */
export function entryText({ messageId, revision, state, urgent }: CountEntry): readonly [string, string] {
  if (!Number.isSafeInteger(revision) || revision < 0) {
    throw new MwiError('unknown', `the revision of a message is a whole number, not ${revision}`);
  }
  return [messageId, `${revision} ${state} ${urgent ? 1 : 0}`];
}

/** Entries out of what `read-entries.lua` returns. */
export function entriesOf(texts: readonly string[]): CountEntry[] {
  const entries: CountEntry[] = [];
  for (let at = 0; at + 1 < texts.length; at += 2) {
    const [revision, state, urgent] = texts[at + 1]!.split(' ');
    entries.push({
      messageId: texts[at]!,
      revision: Number(revision),
      state: state as CountEntry['state'],
      urgent: urgent === '1',
    });
  }
  return entries;
}

/** Settings without their revision, always in this order: the same settings are the same text. */
const textOf = ({ kind, users, status, maxMessages, displayName }: MailboxFacts): string =>
  JSON.stringify({ kind, users, status, maxMessages, displayName });

const UNPROVISIONED_TEXT = textOf(UNPROVISIONED_FACTS);

/**
 * The revision of settings, and the rest as text, by which a script sees whether they say something else. Those of a mailbox that
 * nobody provisioned are no text, which is also what a script finds where there are none.
 */
export function settingsText(settings: MailboxFacts | undefined): readonly [number, string] {
  if (settings === undefined) return [0, ''];
  const text = textOf(settings);
  return [settings.revision, text === UNPROVISIONED_TEXT ? '' : text];
}

/** Counts, revision, `asOf`, published revision, revision of the settings, settings, 1 if stale: what `told` of mailbox.lua gives. */
export type LampReply = readonly [
  ...counts: [number, number, number, number],
  ...revisions: [number, number, number, number],
  settings: string,
  stale: number,
];

/** A mailbox's lamp as a script told it. A `revision` of 0 says that it was never counted, as far as Redis knows. */
export function snapshotOf({ tenant, mailbox }: MailboxRef, reply: LampReply): MwiSnapshot {
  const [newMessages, old, urgentNew, urgentOld, revision, asOf, publishedRevision, settingsRevision, text, stale] =
    reply;
  const settings = JSON.parse(text === '' ? UNPROVISIONED_TEXT : text) as Omit<MailboxFacts, 'revision'>;
  return {
    tenant,
    mailbox,
    counts: { new: newMessages, old, urgentNew, urgentOld },
    settings: { ...settings, revision: settingsRevision },
    revision,
    publishedRevision,
    asOf,
    stale: stale === 1,
  };
}
