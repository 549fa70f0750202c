import type { Clock, Ids } from '@voicemail/runtime';
import { z } from 'zod';
import { answerOf, readJson, won, writeJson } from '../json-document.ts';
import { leaseKey } from '../keys.ts';
import type { TenantStores } from '../tenant-stores.ts';

/** A lease that was not renewed for this long is anybody's. */
const EXPIRES_AFTER_MS = 10_000;
const RENEW_EVERY_MS = 3_000;
const LOOK_EVERY_MS = 250;

const leaseDocument = z.object({
  /** null: nobody has it. */
  holder: z.string().nullable(),
  /** Another one with each renewal, so that others see it change. */
  renewal: z.string(),
});

/** What a worker must be to work on a tenant's requests: one at a time. */
export interface LeaseOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  /** Whose it is; a worker that comes back under the same name has it at once. */
  readonly holder: string;
  readonly signal: AbortSignal;
}

/**
 * Runs work under the tenant's lease. Waits until nobody else has it: what its holder did not renew for 10 s, by our own clock, has ended. What a
 * worker does that lost it unawares is harmless: marks that no request asks for are removed, and the ledger gives each number once.
 * @param work its signal aborts when the lease is lost, or `signal` does.
 * @throws StoreError where the master region cannot be reached.
 */
export async function underLease<T>(
  stores: TenantStores,
  { clock, ids, holder, signal }: LeaseOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { store } = stores.master;
  const key = leaseKey(stores.tenant);
  const doc = (of: string | null): object => ({ holder: of, renewal: ids.token() });
  /** The etag of the lease while it is ours. */
  let etag = '';
  const take = async (seen: { readonly etag: string } | null): Promise<boolean> => {
    const condition = seen === null ? { absent: true as const } : { etag: seen.etag };
    const written = await answerOf(writeJson(store, key, doc(holder), condition));
    if (written !== null) etag = written.etag;
    return written !== null;
  };
  let seen = { etag: '', sinceMs: clock.monotonicMs() };
  for (;;) {
    signal.throwIfAborted();
    const stored = await readJson(store, key, leaseDocument);
    if (stored !== null && stored.etag !== seen.etag) seen = { etag: stored.etag, sinceMs: clock.monotonicMs() };
    const isFree =
      stored === null ||
      stored.value.holder === null ||
      stored.value.holder === holder ||
      clock.monotonicMs() - seen.sinceMs >= EXPIRES_AFTER_MS;
    if (isFree && (await take(stored))) break;
    if (!isFree) await clock.sleep(LOOK_EVERY_MS, signal);
  }
  const lost = new AbortController();
  const ended = new AbortController();
  const renewing = (async () => {
    for (;;) {
      await clock.sleep(RENEW_EVERY_MS, ended.signal);
      if (!(await take({ etag }))) throw new Error('the lease was taken by another worker');
    }
  })().catch((error: unknown) => {
    if (!ended.signal.aborted) lost.abort(error);
  });
  try {
    return await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    ended.abort();
    await renewing;
    // Where it is another's by now, it stays theirs; where the store is down, it ends by itself.
    await won(writeJson(store, key, doc(null), { etag })).catch(() => undefined);
  }
}
