/** A mailbox number: a positive integer written as a string (CONTRACT section 1). */
export const MAILBOX_PATTERN = /^[1-9][0-9]{0,31}$/;
/** A message id as its publisher chose it; `.` and `..` match but are not allowed: ask `isMessageId`. */
export const MESSAGE_ID_PATTERN = /^[A-Za-z0-9._-]{1,128}$/;

export const isMailbox = (text: string): boolean => MAILBOX_PATTERN.test(text);
export const isMessageId = (text: string): boolean => MESSAGE_ID_PATTERN.test(text) && text !== '.' && text !== '..';

/** The key of every record about a mailbox (CONTRACT section 3). */
export const mailboxKey = (tenant: string, mailbox: string): string => `${tenant}/${mailbox}`;
