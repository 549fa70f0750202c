import type { NewRecord } from '@voicemail/event-log';
import {
  deposit,
  mailboxEvent,
  messageAction,
  structuredRecord,
  type ActionOptions,
  type DepositOptions,
  type MailboxOptions,
} from '@voicemail/testing';
import { START } from './in-process.ts';

const at = (second: number): string => new Date(START + second * 1_000).toISOString();

export interface SomeDeposit extends Omit<DepositOptions, 'media' | 'mailbox' | 'messageId'> {
  /** What is in the recording; that of another message unless told. */
  readonly sound?: string;
}

/** A deposit as a record of the log, from a caller of this world unless told. */
export function depositRecord(mailbox: string, messageId: string, { sound, ...rest }: SomeDeposit = {}): NewRecord {
  const bytes = Buffer.from(sound ?? `RIFF sound of ${messageId}`);
  const media = { contentType: 'audio/wav', bytes };
  return structuredRecord(
    deposit({
      callerId: '+15551212000',
      id: `deposit-${messageId}`,
      time: at(0),
      durationMs: 1_000,
      ...rest,
      mailbox,
      messageId,
      media,
    }),
  );
}

export type SomeAction = Pick<ActionOptions, 'action' | 'toMailbox'>;

/** An action as a record of the log; `second` orders it among the others of its message. */
export function actionRecord(
  mailbox: string,
  messageId: string,
  id: string,
  second: number,
  action: SomeAction,
): NewRecord {
  return structuredRecord(messageAction({ mailbox, messageId, id, time: at(second), ...action }));
}

/** A mailbox event as a record of the log. */
export function mailboxRecord(mailbox: string, id: string, second: number, settings: MailboxOptions): NewRecord {
  return structuredRecord(mailboxEvent({ ...settings, mailbox, id, time: at(second) }));
}
