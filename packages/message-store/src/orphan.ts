import { isSwept, type ClaimedObject, type MessageRecord, type Stub } from '@voicemail/domain';
import { createJson, untilWon, won, writeJson } from './json-document.ts';
import { metadataKey } from './keys.ts';
import { readRecord } from './read-message.ts';
import type { TenantStores } from './tenant-stores.ts';
import type { MessageRef } from './update-message.ts';

/**
 * Claims a message that is not there: a `swept` stub where its metadata would be, which names what its sweep is about to remove. Whoever still
 * comes with the message first sees to it that its recording is another one than those (`putAnew`), then replaces the stub; so what is
 * removed afterwards as it was seen before the claim, is nobody's.
 * @param seen what is to be removed. @param now RFC 3339.
 * @returns null where the claim stands; else what stands there, and nothing may be removed.
 */
export function claimAbsent(
  stores: TenantStores,
  ref: MessageRef,
  seen: readonly ClaimedObject[],
  now: string,
): Promise<MessageRecord | null> {
  const { tenant, master } = stores;
  const { mailbox, messageId } = ref;
  const key = metadataKey(tenant, mailbox, messageId);
  const claim: Stub = {
    tenant,
    mailbox,
    messageId,
    gone: true,
    reason: 'swept',
    revision: 1,
    goneAt: now,
    claims: seen,
  };
  return untilWon<{ standing: MessageRecord | null }>(key, async () => {
    if (await createJson(master.store, key, claim)) return { standing: null };
    const stored = await readRecord(stores, mailbox, messageId);
    if (stored === null) return undefined;
    if (!isSwept(stored.value)) return { standing: stored.value };
    const { claims = [] } = stored.value;
    const fresh = seen.filter(({ etag, ...place }) => claimedEtag(stored.value as Stub, place) !== etag);
    if (fresh.length === 0) return { standing: null };
    const others = claims.filter((other) => !fresh.some((one) => one.region === other.region && one.key === other.key));
    const extended: Stub = { ...stored.value, claims: [...others, ...fresh] };
    return (await won(writeJson(master.store, key, extended, { etag: stored.etag }))) ? { standing: null } : undefined;
  }).then(({ standing }) => standing);
}

/** The etag of what is about to be removed at a place; null where nothing is. */
export function claimedEtag(
  { claims = [] }: Stub,
  { region, key }: { readonly region: string; readonly key: string },
): string | null {
  return claims.find((claim) => claim.region === region && claim.key === key)?.etag ?? null;
}
