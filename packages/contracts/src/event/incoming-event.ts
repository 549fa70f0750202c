import type { Deposit } from '../data/deposit.ts';
import type { GdprRequestData } from '../data/gdpr.ts';
import type { MailboxChange } from '../data/mailbox.ts';
import type { MessageActionData } from '../data/message-action.ts';
import type { TraceContext } from './trace-context.ts';

/** What every event says of itself. */
export interface EventContext extends TraceContext {
  readonly id: string;
  readonly source: string;
  /** RFC 3339. */
  readonly time: string;
}

export interface DepositEvent extends EventContext {
  readonly kind: 'deposit';
  readonly data: Deposit;
}
export interface ActionEvent extends EventContext {
  readonly kind: 'action';
  readonly data: MessageActionData;
}
/** `data.settings` is null where the event removes the mailbox. */
export interface MailboxEvent extends EventContext {
  readonly kind: 'mailbox';
  readonly data: MailboxChange;
}

export interface GdprRequestEvent extends EventContext {
  readonly kind: 'gdpr-request';
  readonly data: GdprRequestData;
}

/** An event of one of the incoming topics, checked. */
export type IncomingEvent = DepositEvent | ActionEvent | MailboxEvent | GdprRequestEvent;
