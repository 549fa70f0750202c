import {
  applyStateAction,
  isStub,
  isSwept,
  type MessageRecord,
  type Metadata,
  type StateAction,
} from '@voicemail/domain';
import { messageTags } from './caller-tags.ts';
import { untilWon, won, writeJson, type Stored } from './json-document.ts';
import { metadataKey } from './keys.ts';
import { readRecord } from './read-message.ts';
import type { TenantStores } from './tenant-stores.ts';

/** What became of a change. Whatever it is, `record` is what stands there now and is to be announced. */
export interface ChangeOutcome {
  /** false: it was done before, a later one is in force, or the message is gone. */
  readonly changed: boolean;
  readonly record: MessageRecord;
}

/** Marks a message as listened to or new. null where there is none yet. @param now RFC 3339. */
export function changeState(
  stores: TenantStores,
  mailbox: string,
  messageId: string,
  action: StateAction,
  now: string,
): Promise<ChangeOutcome | null> {
  return update(stores, { mailbox, messageId }, (message) => applyStateAction(message, action, now));
}

/** A message by its place. */
export interface MessageRef {
  readonly mailbox: string;
  readonly messageId: string;
}

/**
 * Reads, decides and writes by compare-and-set until no other writer comes between; the metadata is written whole, with its tags.
 * @param decide says null for no change.
 * @param before what must be done before the change is; again before each attempt.
 * @param seen as it was read last: the first attempt goes by it. Only where `decide` wants a change of it.
 */
export async function update(
  stores: TenantStores,
  { mailbox, messageId }: MessageRef,
  decide: (message: Metadata) => Metadata | null,
  before: (changed: Metadata) => Promise<void> = async () => undefined,
  seen?: Stored<Metadata>,
): Promise<ChangeOutcome | null> {
  const { store } = stores.master;
  const key = metadataKey(stores.tenant, mailbox, messageId);
  let known: Stored<MessageRecord> | undefined = seen;
  return untilWon<{ outcome: ChangeOutcome | null }>(key, async () => {
    const stored = known ?? (await readRecord(stores, mailbox, messageId));
    known = undefined;
    if (stored === null || isSwept(stored.value)) return { outcome: null };
    if (isStub(stored.value)) return { outcome: { changed: false, record: stored.value } };
    const message = decide(stored.value);
    if (message === null) return { outcome: { changed: false, record: stored.value } };
    await before(message);
    const wrote = await won(writeJson(store, key, message, { etag: stored.etag }, messageTags(stores, store, message)));
    return wrote ? { outcome: { changed: true, record: message } } : undefined;
  }).then(({ outcome }) => outcome);
}
