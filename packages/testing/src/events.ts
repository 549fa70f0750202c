import { randomUUID } from 'node:crypto';
import type { Recording } from './recordings.ts';

/** A topic that publishers write. */
export type IncomingTopic = 'voicemail.deposits' | 'voicemail.message-actions' | 'voicemail.mailboxes';

/** A CloudEvent in structured mode, with the topic that it belongs to and the key of its record (CONTRACT section 3). */
export interface TestEvent {
  readonly topic: IncomingTopic;
  readonly key: string;
  readonly event: {
    readonly specversion: '1.0';
    readonly id: string;
    readonly source: string;
    readonly type: string;
    readonly time: string;
    readonly subject?: string;
    readonly datacontenttype: 'application/json';
    readonly data: Readonly<Record<string, unknown>>;
  };
}

const TENANT = 't100';
const SOURCE = '/test/publisher';

interface Named {
  readonly tenant?: string;
  readonly mailbox?: string;
  /** The event's id; a fresh one unless told. */
  readonly id?: string;
  /** The event's time, RFC 3339; now unless told. */
  readonly time?: string;
}

export interface DepositOptions extends Named {
  readonly messageId?: string;
  readonly callerId?: string | null;
  readonly region?: string;
  readonly depositedAt?: string;
  readonly priority?: 'normal' | 'urgent';
  readonly private?: boolean;
  readonly durationMs?: number;
  /** The recording; or, in place of it, the object that was staged. */
  readonly media:
    | Pick<Recording, 'bytes' | 'contentType'>
    | { readonly contentType: string; readonly stagedKey: string };
}

const fresh = (): string => randomUUID();
const now = (): string => new Date().toISOString();
/** Without the fields that were not given: an absent field and a null are two things in an event. */
const given = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

function eventOf(
  topic: IncomingTopic,
  type: string,
  named: Named,
  subject: string | undefined,
  data: object,
): TestEvent {
  const tenant = named.tenant ?? TENANT;
  const mailbox = named.mailbox ?? '9876';
  return {
    topic,
    key: `${tenant}/${mailbox}`,
    event: {
      specversion: '1.0',
      id: named.id ?? fresh(),
      source: SOURCE,
      type,
      time: named.time ?? now(),
      ...(subject === undefined ? {} : { subject }),
      datacontenttype: 'application/json',
      data: given({ tenant, mailbox, ...data }),
    },
  };
}

/** A deposit. Mailbox 9876 of t100, region westus2, an anonymous caller, unless told. */
export function deposit(options: DepositOptions): TestEvent {
  const { media, messageId = fresh(), tenant: _tenant, mailbox = '9876', id: _id, time, ...fields } = options;
  return eventOf('voicemail.deposits', 'voicemail.deposit.v1', options, `${mailbox}/${messageId}`, {
    messageId,
    callerId: null,
    region: 'westus2',
    depositedAt: time ?? now(),
    ...fields,
    media:
      'stagedKey' in media
        ? media
        : { contentType: media.contentType, base64: Buffer.from(media.bytes).toString('base64') },
  });
}

export interface ActionOptions extends Named {
  readonly messageId: string;
  readonly action: 'read' | 'unread' | 'delete' | 'forward';
  readonly toMailbox?: string;
  readonly actor?: string;
  readonly at?: string;
}

/** What a user does with a message. */
export function messageAction(options: ActionOptions): TestEvent {
  const { messageId, action, toMailbox, actor, at, mailbox = '9876' } = options;
  const data = { messageId, action, toMailbox, actor, at: at ?? options.time ?? now() };
  const subject = `${mailbox}/${messageId}`;
  return eventOf('voicemail.message-actions', 'voicemail.message-action.v1', options, subject, data);
}

export interface MailboxOptions extends Named {
  readonly kind?: 'personal' | 'group';
  readonly owner?: string;
  readonly members?: readonly string[];
  readonly displayName?: string;
  readonly maxMessages?: number;
  readonly retentionDays?: number;
  readonly status?: 'active' | 'locked';
}

/** The provisioning of a mailbox. A personal one, active, unless told. */
export function mailboxEvent(options: MailboxOptions): TestEvent {
  const { tenant: _tenant, mailbox: _mailbox, id: _id, time: _time, ...settings } = options;
  const data = { kind: 'personal', status: 'active', ...settings };
  return eventOf('voicemail.mailboxes', 'voicemail.mailbox.v1', options, undefined, data);
}
