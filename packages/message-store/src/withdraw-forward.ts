import type { MessageRecord } from '@voicemail/domain';
import type { ObjectInfo } from '@voicemail/object-store';
import { eraseAsSeen, type NotErased } from './erase.ts';
import { markKey, messagePrefix, metadataKey } from './keys.ts';
import { claimAbsent } from './orphan.ts';
import type { RegionStore, TenantStores } from './tenant-stores.ts';
import type { MessageRef } from './update-message.ts';

export interface Withdrawal {
  /** What stands there by now: then nothing was removed. null: all was. */
  readonly standing: MessageRecord | null;
  readonly notErased: readonly NotErased[];
}

/** Something that an attempt left, as it was seen. */
interface Left {
  readonly region: RegionStore;
  readonly of: NotErased['of'];
  readonly info: ObjectInfo;
}

/**
 * Takes back what stopped attempts at a forward left where its target would be: the copied recording, and the entry of the mark that it was to have.
 * Another attempt may be about to make the target: the claim comes before the removal, as that of the orphan sweep does, so what that attempt brings
 * anew stays; and one that comes later still makes it. May be repeated.
 * @param now RFC 3339.
 */
export async function withdrawForward(stores: TenantStores, target: MessageRef, now: string): Promise<Withdrawal> {
  const { tenant, master } = stores;
  const { mailbox, messageId } = target;
  const metadata = metadataKey(tenant, mailbox, messageId);
  const left: Left[] = [];
  for (const region of stores.regions) {
    for await (const { key } of region.store.list(messagePrefix(tenant, mailbox, messageId))) {
      const info = key === metadata ? null : await region.store.head(key);
      if (info !== null) left.push({ region, of: 'media', info });
    }
  }
  const isIndexed = !master.store.capabilities.tagSearch;
  const entry = isIndexed ? await master.store.head(markKey(tenant, mailbox, messageId)) : null;
  // Last: as long as it is there, a run of the deletion rule takes back what this one left.
  if (entry !== null) left.push({ region: master, of: 'index entry', info: entry });
  const seen = left.map(({ region, info: { key, etag } }) => ({ region: region.name, key, etag }));
  const standing = await claimAbsent(stores, target, seen, now);
  if (standing !== null) return { standing, notErased: [] };
  const notErased: NotErased[] = [];
  for (const { region, of, info } of left) notErased.push(...(await eraseAsSeen(region, of, info)).notErased);
  return { standing: null, notErased };
}
