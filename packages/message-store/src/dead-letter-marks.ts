import { FORGET_TAG } from './caller-tags.ts';
import { isClaim, letterOrClaim, type DeadLetterDocument } from './documents.ts';
import { readJson, untilWon, won, writeJson } from './json-document.ts';
import { deadLetterKey } from './keys.ts';
import { regionOf, type TenantStores } from './tenant-stores.ts';

/** Marks a dead letter for a request; the first mark says since when. May be repeated. false where there is no such letter any more. @param now RFC 3339. */
export function markDeadLetter(
  stores: TenantStores,
  letter: Pick<DeadLetterDocument, 'id' | 'region'>,
  requestId: string,
  now: string,
): Promise<boolean> {
  return change(stores, letter, (standing) => {
    const requestIds = standing.forgetRequestIds ?? [];
    if (requestIds.includes(requestId)) return standing;
    const forgetMarkedAt = standing.forgetMarkedAt ?? now;
    return { ...standing, forgetMarkedAt, forgetRequestIds: [...requestIds, requestId] };
  });
}

/** Takes every mark of a dead letter back. May be repeated. */
export function unmarkDeadLetter(
  stores: TenantStores,
  letter: Pick<DeadLetterDocument, 'id' | 'region'>,
): Promise<boolean> {
  return change(stores, letter, (standing) => {
    if (standing.forgetMarkedAt === undefined) return standing;
    const { forgetMarkedAt: _markedAt, forgetRequestIds: _requestIds, ...unmarked } = standing;
    return unmarked;
  });
}

/** @param decide gives the same document for no change. */
async function change(
  stores: TenantStores,
  { id, region }: Pick<DeadLetterDocument, 'id' | 'region'>,
  decide: (standing: DeadLetterDocument) => DeadLetterDocument,
): Promise<boolean> {
  if (region === null) return false;
  const { store } = regionOf(stores, region);
  const key = deadLetterKey(stores.tenant, id);
  return untilWon<{ isThere: boolean }>(key, async () => {
    const stored = await readJson(store, key, letterOrClaim);
    if (stored === null || isClaim(stored.value)) return { isThere: false };
    const changed = decide(stored.value);
    if (changed === stored.value) return { isThere: true };
    const info = await store.head(key);
    if (info === null || info.etag !== stored.etag) return undefined;
    const { [FORGET_TAG.name]: _mark, ...tags } = info.tags;
    const marked = changed.forgetMarkedAt === undefined ? tags : { ...tags, [FORGET_TAG.name]: FORGET_TAG.value };
    return (await won(writeJson(store, key, changed, { etag: stored.etag }, marked))) ? { isThere: true } : undefined;
  }).then(({ isThere }) => isThere);
}
