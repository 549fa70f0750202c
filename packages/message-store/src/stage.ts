import type { Body } from '@voicemail/object-store';
import { erase, type NotErased } from './erase.ts';
import { mediaExtension } from './media.ts';
import { stagingPrefix } from './keys.ts';
import { regionStore, type TenantStores } from './tenant-stores.ts';

/**
 * Puts media that is too large for a record where a deposit can name it; its key holds nothing of the caller.
 * The deposit removes it after its commit; what no deposit names is swept.
 * @param name unique: a staged object is never replaced.
 * @returns the `stagedKey`.
 */
export async function stageMedia(
  stores: TenantStores,
  region: string,
  name: string,
  media: { readonly contentType: string; readonly body: Body },
): Promise<string> {
  const key = `${stagingPrefix(stores.tenant)}${name}.${mediaExtension(media.contentType)}`;
  await regionStore(stores, region).put(key, media.body, {
    contentType: media.contentType,
    condition: { absent: true },
  });
  return key;
}

/** Removes a staged object, in whichever region it lies. May be repeated. @returns what the stores keep of it all the same. */
export async function eraseStaged(stores: TenantStores, key: string): Promise<readonly NotErased[]> {
  const erasures = await Promise.all(stores.regions.map((region) => erase(region, 'staged media', key)));
  return erasures.flatMap(({ notErased }) => notErased);
}
