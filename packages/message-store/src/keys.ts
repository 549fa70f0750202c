/** The object keys of a tenant, one function for each kind of object (CONTRACT section 4). */

const METADATA = 'metadata.json';

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

export const callerIndexPrefix = (tenant: string): string => `${tenant}/index/caller_id/`;

/** @param hash the keyed hash of the canonical caller id. */
export const callerPrefix = (tenant: string, hash: string): string => `${callerIndexPrefix(tenant)}${hash}/`;

/** @param owner a mailbox, or `dead-letters`. @param id a message id, or a dead letter's. */
export const callerIndexKey = (tenant: string, hash: string, owner: string, id: string): string =>
  `${callerPrefix(tenant, hash)}${owner}/${id}`;

/** @param tenant null: the deployment's own store, for what names no known tenant. */
export const deadLettersPrefix = (tenant: string | null): string =>
  tenant === null ? 'dead-letters/' : `${tenant}/dead-letters/`;

/** The rejected record's bytes, as they were. */
export const deadLetterRecordKey = (tenant: string | null, id: string): string =>
  `${deadLettersPrefix(tenant)}${id}/record`;
/** What is known of a dead letter. */
export const deadLetterKey = (tenant: string | null, id: string): string =>
  `${deadLettersPrefix(tenant)}${id}/dead-letter.json`;

export const callerHashCheckKey = (tenant: string): string => `${tenant}/caller-hash-check.json`;
