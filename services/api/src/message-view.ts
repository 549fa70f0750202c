import type { MessageView } from '@voicemail/contracts';
import type { Metadata } from '@voicemail/domain';
import { readMessage, type Stored, type TenantStores } from '@voicemail/message-store';
import { notFound } from './problem.ts';

/** What a caller sees of a message: the fields of its metadata, without what the services alone need. */
export function messageView({ lastForwardId: _lastForwardId, forgetRequestIds, ...shown }: Metadata): MessageView {
  return { ...shown, ...(forgetRequestIds === undefined ? {} : { forgetRequestIds: [...forgetRequestIds] }) };
}

/** A message with the etag of its metadata. @throws HttpProblem 404. */
export async function mustRead(
  stores: TenantStores,
  { mailbox, messageId }: { readonly mailbox: string; readonly messageId: string },
): Promise<Stored<Metadata>> {
  const stored = await readMessage(stores, mailbox, messageId);
  if (stored === null) throw notFound('message');
  return stored;
}
