import { randomBytes } from 'node:crypto';
import { deposit, type TestEvent } from '@voicemail/testing';

/** Mailboxes and callers that a load is spread over. */
export const MAILBOXES = 100;
const CALLERS = 1_000;
const FIRST_MAILBOX = 1_000;
/** The numbers of North America's fictional range. */
const FIRST_CALLER = 15_550_000_000;

export const mailboxOf = (index: number): string => String(FIRST_MAILBOX + (index % MAILBOXES));
/** The `index`-th number, of 10 million. */
export const callerNumber = (index: number): string => `+${FIRST_CALLER + index}`;
export const callerOf = (index: number): string => callerNumber(index % CALLERS);

/** Bytes that are like a recording to a disk: they do not compress. */
export const someAudio = (bytes: number): Uint8Array => randomBytes(bytes);

/** The event of the `index`-th deposit of a load. */
export function someDeposit(load: string, index: number, audio: Uint8Array): TestEvent {
  return deposit({
    mailbox: mailboxOf(index),
    messageId: `${load}-${index}`,
    callerId: callerOf(index),
    durationMs: 1_000,
    media: { contentType: 'audio/wav', bytes: audio },
  });
}
