/** The object keys of a tenant, one function for each kind of object (CONTRACT section 4). */

const METADATA = 'metadata.json';
/** In place of a mailbox where a caller's thing is a dead letter: no mailbox has this name. */
export const DEAD_LETTERS = 'dead-letters';

export const mailboxesPrefix = (tenant: string): string => `${tenant}/mailboxes/`;
export const mailboxPrefix = (tenant: string, mailbox: string): string => `${mailboxesPrefix(tenant)}${mailbox}/`;
export const settingsKey = (tenant: string, mailbox: string): string => `${mailboxPrefix(tenant, mailbox)}mailbox.json`;
export const messagesPrefix = (tenant: string, mailbox: string): string => `${mailboxPrefix(tenant, mailbox)}messages/`;

export const messagePrefix = (tenant: string, mailbox: string, messageId: string): string =>
  `${messagesPrefix(tenant, mailbox)}${messageId}/`;

export const metadataKey = (tenant: string, mailbox: string, messageId: string): string =>
  `${messagePrefix(tenant, mailbox, messageId)}${METADATA}`;

/** @param extension without the dot. */
export const mediaKey = (tenant: string, mailbox: string, messageId: string, extension: string): string =>
  `${messagePrefix(tenant, mailbox, messageId)}media.${extension}`;

export const stagingPrefix = (tenant: string): string => `staging/${tenant}/`;

/** What doctor writes, and takes away again. */
export const probesPrefix = (tenant: string): string => `${tenant}/probes/`;

export const callerIndexPrefix = (tenant: string): string => `${tenant}/index/caller_id/`;

/** @param hash the keyed hash of the canonical caller id. */
export const callerPrefix = (tenant: string, hash: string): string => `${callerIndexPrefix(tenant)}${hash}/`;

/** @param owner a mailbox, or `dead-letters`. @param id a message id, or a dead letter's. */
export const callerIndexKey = (tenant: string, hash: string, owner: string, id: string): string =>
  `${callerPrefix(tenant, hash)}${owner}/${id}`;

export const marksPrefix = (tenant: string): string => `${tenant}/index/forgetme/`;

/** The entry of a message that is marked for deletion. */
export const markKey = (tenant: string, mailbox: string, messageId: string): string =>
  `${marksPrefix(tenant)}${mailbox}/${messageId}`;

/** @param tenant null: the deployment's own store, for what names no known tenant. */
export const deadLettersPrefix = (tenant: string | null): string =>
  tenant === null ? `${DEAD_LETTERS}/` : `${tenant}/${DEAD_LETTERS}/`;

/** The rejected record's bytes, as they were. */
export const deadLetterRecordKey = (tenant: string | null, id: string): string =>
  `${deadLettersPrefix(tenant)}${id}/record`;
/** What is known of a dead letter. */
export const deadLetterKey = (tenant: string | null, id: string): string =>
  `${deadLettersPrefix(tenant)}${id}/dead-letter.json`;

export const callerHashCheckKey = (tenant: string): string => `${tenant}/caller-hash-check.json`;

const LEDGER_DIGITS = 12;
export const ledgerPrefix = (tenant: string): string => `${tenant}/gdpr/ledger/`;

/** An entry of the ledger: the order of the keys is that of the numbers. */
export const ledgerEntryKey = (tenant: string, number: number): string =>
  `${ledgerPrefix(tenant)}${String(number).padStart(LEDGER_DIGITS, '0')}`;

export const ledgerSegmentsPrefix = (tenant: string): string => `${tenant}/gdpr/ledger-segments/`;

/** Many entries of the ledger in one document. @param last the number of the last of them. */
export const ledgerSegmentKey = (tenant: string, last: number): string =>
  `${ledgerSegmentsPrefix(tenant)}${String(last).padStart(LEDGER_DIGITS, '0')}`;

/** The numbers of a request as they were sent. */
export const numbersKey = (tenant: string, requestId: string): string => `${tenant}/gdpr/numbers/${requestId}`;

/** The number of a legal hold as it was sent. */
export const holdNumberKey = (tenant: string, holdId: string): string => `${tenant}/gdpr/hold-numbers/${holdId}`;

/** Who works on the tenant's requests. */
export const leaseKey = (tenant: string): string => `${tenant}/gdpr/lease`;

/** Whose an object is, by its key. */
export interface KeyOwner {
  /** A mailbox, or `dead-letters`. */
  readonly owner: string;
  /** A message id, or a dead letter's. */
  readonly id: string;
  readonly isMedia: boolean;
}

const OF_MESSAGE = /^mailboxes\/([^/]+)\/messages\/([^/]+)\/([^/]+)$/;
const OF_LETTER = /^dead-letters\/([^/]+)\/[^/]+$/;

/** The message or the dead letter that a key belongs to; null for any other object. */
export function ownerOf(tenant: string, key: string): KeyOwner | null {
  if (!key.startsWith(`${tenant}/`)) return null;
  const rest = key.slice(tenant.length + 1);
  const [, letter] = OF_LETTER.exec(rest) ?? [];
  if (letter !== undefined) return { owner: DEAD_LETTERS, id: letter, isMedia: false };
  const [, owner, id, name] = OF_MESSAGE.exec(rest) ?? [];
  return owner === undefined || id === undefined ? null : { owner, id, isMedia: name !== METADATA };
}
