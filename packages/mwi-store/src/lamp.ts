import { nextRevision, NO_MESSAGES, UNPROVISIONED, type Counts } from '@voicemail/domain';
import type { MailboxFacts } from './port.ts';

/** What is known of a mailbox's lamp besides its entries. */
export interface Lamp {
  readonly counts: Counts;
  readonly settings: MailboxFacts;
  /** 0: never counted. */
  readonly revision: number;
  readonly publishedRevision: number;
  /** ms since the epoch. */
  readonly asOf: number;
}

/** The settings of a mailbox that nobody provisioned. */
export const UNPROVISIONED_FACTS: MailboxFacts = {
  revision: 0,
  kind: UNPROVISIONED.kind,
  status: UNPROVISIONED.status,
  users: [],
  maxMessages: null,
  displayName: null,
};

export const UNKNOWN_LAMP: Lamp = {
  counts: NO_MESSAGES,
  settings: UNPROVISIONED_FACTS,
  revision: 0,
  publishedRevision: 0,
  asOf: 0,
};

/** Whether a mailbox holds as many messages as it should at most. It is reported, never enforced (CONTRACT section 3). */
export const isFull = (counts: Counts, settings: Pick<MailboxFacts, 'maxMessages'>): boolean =>
  settings.maxMessages !== null && counts.new + counts.old >= settings.maxMessages;

/**
 * The lamp after its counts became `counts` and settings were heard of. Its revision moves if anything that is published or read
 * moved (`full` follows from counts and settings), or if it was never counted before.
 * @param settings undefined or older than what is known: the known ones stay.
 * @param nowMs ms since the epoch.
 */
export function changeLamp(lamp: Lamp, counts: Counts, settings: MailboxFacts | undefined, nowMs: number): Lamp {
  const newest = settings !== undefined && settings.revision > lamp.settings.revision ? settings : lamp.settings;
  const moved = lamp.revision === 0 || !isSameCounts(lamp.counts, counts) || !isSameSettings(lamp.settings, newest);
  if (!moved) return { ...lamp, settings: newest };
  const revision = nextRevision(lamp.revision, lamp.publishedRevision, nowMs);
  return { ...lamp, counts, settings: newest, revision, asOf: nowMs };
}

const isSameCounts = (a: Counts, b: Counts): boolean =>
  a.new === b.new && a.old === b.old && a.urgentNew === b.urgentNew && a.urgentOld === b.urgentOld;

/** The revision of the settings' document is not seen by anyone: a document written again with the same words moves nothing. */
const isSameSettings = (a: MailboxFacts, b: MailboxFacts): boolean =>
  a.kind === b.kind &&
  a.status === b.status &&
  a.maxMessages === b.maxMessages &&
  a.displayName === b.displayName &&
  a.users.length === b.users.length &&
  a.users.every((user, at) => user === b.users[at]);
