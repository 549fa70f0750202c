import type { Media } from '@voicemail/domain';
import { StoreError, type ObjectStore } from '@voicemail/object-store';
import { callerTags } from './caller-tags.ts';
import type { Deposit } from './deposit.ts';
import { erase, type NotErased } from './erase.ts';
import { answerOf, untilWon } from './json-document.ts';
import { inspectBytes, inspectStream, type MediaFacts } from './media.ts';
import { putAnew, type NewObject } from './put-anew.ts';
import { Refusal } from './refusal.ts';
import type { RegionStore, TenantStores } from './tenant-stores.ts';

/** The recording as it came: in the record, or staged in the region's store. */
export type DepositMedia =
  | { readonly contentType: string; readonly bytes: Uint8Array }
  | { readonly contentType: string; readonly stagedKey: string; readonly sha256?: string };

/** Reads a recording that came. null where the staged object is not there. @throws Refusal `media-mismatch`. */
export async function inspectMedia(store: ObjectStore, { media, durationMs }: Deposit): Promise<MediaFacts | null> {
  const wantsDuration = durationMs === null;
  if ('bytes' in media) return inspectBytes(media.bytes, media.contentType, wantsDuration);
  if ((await store.head(media.stagedKey)) === null) return null;
  const facts = await inspectStream(() => openStaged(store, media.stagedKey), media.contentType, wantsDuration);
  if (media.sha256 !== undefined && media.sha256.toLowerCase() !== facts.sha256) {
    throw new Refusal('media-mismatch', 'the staged object does not have the sha256 that the event names');
  }
  return facts;
}

async function openStaged(store: ObjectStore, key: string): Promise<AsyncIterable<Uint8Array>> {
  const reader = await store.get(key);
  if (reader === null) throw new StoreError('unavailable', 'get', key, 'the staged object went while it was read');
  return reader.body;
}

/** Puts the media if there is none. @returns the etag of what lies there; null where it is other bytes. */
export async function putMedia(
  stores: TenantStores,
  store: ObjectStore,
  { media, callerId }: Deposit,
  key: string,
  sha256: string,
): Promise<string | null> {
  const tags = callerTags(stores, store, callerId);
  const { contentType } = media;
  return untilWon<{ etag: string | null }>(key, async () => {
    const put = await answerOf(
      'bytes' in media
        ? store.put(key, media.bytes, { contentType, tags, condition: { absent: true } })
        : store.copy(media.stagedKey, key, { tags }),
    );
    if (put !== null) return { etag: put.etag };
    const present = await look(store, key);
    if (present === null) return undefined;
    return { etag: present.sha256 === sha256 ? present.etag : null };
  }).then(({ etag }) => etag);
}

/**
 * Puts the media also where it is there already: a sweep that claimed the message may still remove what it saw.
 * @param claimed the etag of that. @returns its etag; null where other bytes lie under the key.
 */
export function putMediaAnew(
  stores: TenantStores,
  store: ObjectStore,
  { media, callerId }: Deposit,
  { key, sha256 }: Media,
  claimed: string | null,
): Promise<string | null> {
  const object: NewObject = {
    contentType: media.contentType,
    tags: callerTags(stores, store, callerId),
    open: async () => ('bytes' in media ? media.bytes : openStaged(store, media.stagedKey)),
    mayReplace: async () => {
      const present = await look(store, key);
      return present === null || present.sha256 === sha256;
    },
  };
  return putAnew(store, key, object, claimed);
}

/** Which bytes an object has; null where there is none. */
async function look(
  store: ObjectStore,
  key: string,
): Promise<{ readonly sha256: string; readonly etag: string } | null> {
  const present = await store.get(key);
  if (present === null) return null;
  const { sha256 } = await inspectStream(async () => present.body, present.info.contentType, false);
  return { sha256, etag: present.info.etag };
}

/** Removes what was staged for a deposit that is done. */
export async function dropStaged(region: RegionStore, media: DepositMedia): Promise<readonly NotErased[]> {
  return 'stagedKey' in media ? (await erase(region, 'staged media', media.stagedKey)).notErased : [];
}
