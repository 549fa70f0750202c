/** The topics (CONTRACT section 3). */
export const TOPICS = {
  deposits: 'voicemail.deposits',
  messageActions: 'voicemail.message-actions',
  mailboxes: 'voicemail.mailboxes',
  gdprRequests: 'voicemail.gdpr.requests',
  messages: 'voicemail.messages',
  mwi: 'voicemail.mwi',
  gdprStatus: 'voicemail.gdpr.status',
  deadLetters: 'voicemail.dead-letters',
} as const;
export type TopicName = (typeof TOPICS)[keyof typeof TOPICS];

/** The CloudEvents type of each topic's events. */
export const EVENT_TYPES = {
  deposit: 'voicemail.deposit.v1',
  messageAction: 'voicemail.message-action.v1',
  mailbox: 'voicemail.mailbox.v1',
  gdprRequest: 'voicemail.gdpr.request.v1',
  message: 'voicemail.message.v1',
  mwi: 'voicemail.mwi.v1',
  gdprStatus: 'voicemail.gdpr.status.v1',
  deadLetter: 'voicemail.dead-letter.v1',
} as const;
export type EventType = (typeof EVENT_TYPES)[keyof typeof EVENT_TYPES];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A record that holds a caller's data goes this long after it was taken, if it is done with: nothing stays beyond a day. */
const TRIM_AFTER_MS = 20 * HOUR_MS;
const RETENTION_MS = 7 * DAY_MS;
/** The contract says `delete` without a time for these: a month, as long as a request may take and a dead letter is kept. */
const LONG_RETENTION_MS = 30 * DAY_MS;

/** How a topic is cleaned; the same shape as the event log's own. */
export type TopicCleanup =
  | { readonly kind: 'compact' }
  | { readonly kind: 'delete'; readonly retentionMs: number }
  | {
      readonly kind: 'trim';
      readonly afterMs: number;
      readonly retentionMs: number;
      readonly groups: readonly string[];
    };

export interface TopicEntry {
  readonly name: TopicName;
  /** `in`: others publish. `out`: we do. */
  readonly direction: 'in' | 'out';
  readonly type: EventType;
  readonly cleanup: TopicCleanup;
}

/**
 * The eight topics, as the table of CONTRACT section 3 has them.
 * @param groups the consumer groups that must be done with a record before it may be trimmed.
 */
export function topicCatalogue(groups: {
  readonly deposits: readonly string[];
  readonly gdprRequests: readonly string[];
}): readonly TopicEntry[] {
  const compact = { kind: 'compact' } as const;
  const remove = (retentionMs: number): TopicCleanup => ({ kind: 'delete', retentionMs });
  const trim = (of: readonly string[]): TopicCleanup => ({
    kind: 'trim',
    afterMs: TRIM_AFTER_MS,
    retentionMs: RETENTION_MS,
    groups: of,
  });
  const entry = (
    direction: 'in' | 'out',
    topic: keyof typeof TOPICS,
    type: keyof typeof EVENT_TYPES,
    cleanup: TopicCleanup,
  ): TopicEntry => ({ name: TOPICS[topic], direction, type: EVENT_TYPES[type], cleanup });
  return [
    entry('in', 'deposits', 'deposit', trim(groups.deposits)),
    entry('in', 'messageActions', 'messageAction', remove(RETENTION_MS)),
    entry('in', 'mailboxes', 'mailbox', compact),
    entry('in', 'gdprRequests', 'gdprRequest', trim(groups.gdprRequests)),
    entry('out', 'messages', 'message', remove(RETENTION_MS)),
    entry('out', 'mwi', 'mwi', compact),
    entry('out', 'gdprStatus', 'gdprStatus', remove(LONG_RETENTION_MS)),
    entry('out', 'deadLetters', 'deadLetter', remove(LONG_RETENTION_MS)),
  ];
}

const INCOMING = [TOPICS.deposits, TOPICS.messageActions, TOPICS.mailboxes, TOPICS.gdprRequests] as const;
/** The topics that `readRecord` and `readHttpEvent` take events of. */
export type IncomingTopic = (typeof INCOMING)[number];
export const isIncomingTopic = (topic: string): topic is IncomingTopic => INCOMING.some((name) => name === topic);
