import type { ObjectStore } from '@voicemail/object-store';
import type { DeadLetterHome } from './dead-letters.ts';
import { isClaim, letterOrClaim } from './documents.ts';
import { eraseAsSeen, type Erasure } from './erase.ts';
import { createJson, readJson, untilWon, won, writeJson } from './json-document.ts';
import { deadLetterKey, deadLetterRecordKey } from './keys.ts';
import { DAY_MS, ORPHAN_AGE_MS } from './sweep.ts';
import type { RegionStore } from './tenant-stores.ts';

const NOTHING: Erasure = { removed: false, notErased: [] };

/**
 * Removes what lies of half a letter, whose process died before it was described, a day after it was written; its index entry goes as any that
 * names nothing. The claim comes first, in the description's place: whoever still completes the letter puts its record anew.
 * @param nowMs ms since the epoch.
 */
export async function removeHalfLetter(
  home: DeadLetterHome,
  region: RegionStore,
  id: string,
  nowMs: number,
): Promise<Erasure> {
  const name = home.tenant?.tenant ?? null;
  const key = deadLetterKey(name, id);
  const record = await region.store.head(deadLetterRecordKey(name, id));
  if (record === null) return removeClaim(region, key, nowMs);
  if (nowMs - record.lastModified < DAY_MS) return NOTHING;
  const isClaimed = await claim(region.store, key, record.etag, new Date(nowMs).toISOString());
  return isClaimed ? eraseAsSeen(region, 'dead letter', record) : NOTHING;
}

/** false where the letter is whole. */
async function claim(store: ObjectStore, key: string, etag: string, now: string): Promise<boolean> {
  const own = { claimedEtag: etag, claimedAt: now };
  return untilWon<{ isClaimed: boolean }>(key, async () => {
    if (await createJson(store, key, own)) return { isClaimed: true };
    const stored = await readJson(store, key, letterOrClaim);
    if (stored === null) return undefined;
    if (!isClaim(stored.value)) return { isClaimed: false };
    if (stored.value.claimedEtag === etag) return { isClaimed: true };
    return (await won(writeJson(store, key, own, { etag: stored.etag }))) ? { isClaimed: true } : undefined;
  }).then(({ isClaimed }) => isClaimed);
}

/** A claim stays as long as anybody may come who has to meet it. */
async function removeClaim(region: RegionStore, key: string, nowMs: number): Promise<Erasure> {
  const stored = await readJson(region.store, key, letterOrClaim);
  if (stored === null || !isClaim(stored.value)) return NOTHING;
  if (nowMs - Date.parse(stored.value.claimedAt) < ORPHAN_AGE_MS) return NOTHING;
  const { notErased } = await eraseAsSeen(region, 'dead letter', { key, etag: stored.etag });
  return { removed: false, notErased };
}
