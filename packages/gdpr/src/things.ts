import type { Metadata } from '@voicemail/domain';
import type { DeadLetterDocument } from '@voicemail/message-store';

/** In place of a mailbox in the name of a dead letter. */
const DEAD_LETTERS = 'dead-letters';

/** What an entry of the ledger names: `<mailbox>/<messageId>`, or `dead-letters/<id>`. */
export const messageThing = ({ mailbox, messageId }: Pick<Metadata, 'mailbox' | 'messageId'>): string =>
  `${mailbox}/${messageId}`;
export const letterThing = ({ id }: Pick<DeadLetterDocument, 'id'>): string => `${DEAD_LETTERS}/${id}`;

export type Thing =
  | { readonly kind: 'message'; readonly mailbox: string; readonly messageId: string }
  | { readonly kind: 'dead-letter'; readonly id: string };

/** Reads a name again. */
export function parseThing(name: string): Thing {
  const slash = name.indexOf('/');
  const [owner, id] = [name.slice(0, slash), name.slice(slash + 1)];
  return owner === DEAD_LETTERS ? { kind: 'dead-letter', id } : { kind: 'message', mailbox: owner, messageId: id };
}
