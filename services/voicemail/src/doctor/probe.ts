import { StoreError, type ObjectStore, type Tags } from '@voicemail/object-store';
import type { Clock } from '@voicemail/runtime';

/** What a deployment does with its objects, in the order in which it is tried. */
export const PROBE_STEPS = ['put', 'get', 'condition', 'tag', 'find', 'list', 'check', 'delete', 'purge'] as const;
export type ProbeStep = (typeof PROBE_STEPS)[number];

/** What became of a step; `not-seen`: it failed in nothing, and its effect did not show in time. */
export type ProbeResult =
  | { readonly step: ProbeStep; readonly outcome: 'done' }
  | { readonly step: ProbeStep; readonly outcome: 'failed' | 'not-seen'; readonly error: Error };

/** A tag index lags by seconds; who waits longer learns no more. */
const FIND_LIMIT_MS = 10_000;
const FIND_EVERY_MS = 500;
const TEXT = { contentType: 'text/plain' };

/**
 * Does to one object what a deployment does to its own, and takes it away again whatever happens. Without `put` nothing else is
 * tried; any other step that fails keeps none from being tried.
 * @param key a name that nothing else has, with nothing of a caller in it.
 */
export async function probe(store: ObjectStore, key: string, clock: Clock): Promise<readonly ProbeResult[]> {
  const results: ProbeResult[] = [];
  const attempt = async (step: ProbeStep, run: () => Promise<void>): Promise<boolean> => {
    try {
      await run();
      results.push({ step, outcome: 'done' });
      return true;
    } catch (error) {
      const outcome = error instanceof NotSeen ? 'not-seen' : 'failed';
      results.push({ step, outcome, error: error instanceof Error ? error : new Error(String(error)) });
      return false;
    }
  };
  const body = Buffer.from(`voicemail doctor: ${key}\n`);
  // As a deposit writes: with its tags, and only where there is none.
  const isThere = await attempt('put', async () => {
    await store.put(key, body, { ...TEXT, tags: { probe: 'first' }, condition: { absent: true } });
  });
  if (isThere) {
    await attempt('get', () => getBack(store, key, body));
    await attempt('condition', () => refuseSecond(store, key, body));
    await attempt('tag', () => tagAgain(store, key, { probe: 'second' }));
    if (store.capabilities.tagSearch) await attempt('find', () => findByTag(store, key, 'second', clock));
    await attempt('list', () => listed(store, key));
    // What readiness asks, and an upload that is given up takes.
    await attempt('check', () => store.check());
  }
  const isGone = await attempt('delete', async () => {
    const wasThere = await store.delete(key);
    if (isThere && !wasThere) throw new Error('an object that was just written was not there to be removed');
  });
  if (isThere && isGone) await attempt('purge', () => purged(store, key));
  // A put that failed may have taken effect; where it had none, there was nothing to remove and no right to.
  return isThere ? results : results.filter(({ step }) => step === 'put');
}

/** An effect that did not show in time. */
class NotSeen extends Error {}

async function getBack(store: ObjectStore, key: string, body: Buffer): Promise<void> {
  const reader = await store.get(key);
  if (reader === null) throw new Error('an object that was just written is not there');
  const chunks = await Array.fromAsync(reader.body);
  if (!Buffer.concat(chunks).equals(body)) throw new Error('other bytes came back than were written');
  sameTags(reader.info.tags, { probe: 'first' });
}

async function refuseSecond(store: ObjectStore, key: string, body: Buffer): Promise<void> {
  for (const condition of [{ absent: true as const }, { etag: '"another"' }]) {
    const isRefused = await store.put(key, body, { ...TEXT, condition }).then(
      () => false,
      (error: unknown) => {
        if (error instanceof StoreError && error.kind === 'condition-failed') return true;
        throw error;
      },
    );
    if (!isRefused) throw new Error('a conditional write was done although its condition did not hold');
  }
}

async function tagAgain(store: ObjectStore, key: string, tags: Tags): Promise<void> {
  const tagged = await store.tag(key, tags, { order: 'touch-first' });
  if (tagged === null) throw new Error('an object that was just written was not there to be tagged');
  sameTags((await store.head(key))?.tags ?? {}, tags);
}

async function findByTag(store: ObjectStore, key: string, value: string, clock: Clock): Promise<void> {
  const prefix = key.slice(0, key.lastIndexOf('/') + 1);
  const untilMs = clock.monotonicMs() + FIND_LIMIT_MS;
  do {
    for await (const found of store.find(prefix, { name: 'probe', value })) if (found === key) return;
    await clock.sleep(FIND_EVERY_MS);
  } while (clock.monotonicMs() < untilMs);
  throw new NotSeen(`the tag index did not have it within ${FIND_LIMIT_MS / 1_000} s`);
}

async function listed(store: ObjectStore, key: string): Promise<void> {
  const prefix = key.slice(0, key.lastIndexOf('/') + 1);
  for await (const object of store.list(prefix)) if (object.key === key) return;
  throw new Error('an object that was just written is not listed');
}

async function purged(store: ObjectStore, key: string): Promise<void> {
  const { left } = await store.purge(key);
  if (left.length === 0) return;
  const kept = left.map(({ what, count, why, until }) => {
    const end = until === null ? '' : ` until ${new Date(until).toISOString()}`;
    return `${count} ${what}${end} (${why})`;
  });
  throw new Error(`the store keeps of what was deleted: ${kept.join('; ')}`);
}

function sameTags(tags: Tags, wanted: Tags): void {
  if (JSON.stringify(tags) !== JSON.stringify(wanted)) throw new Error('other tags came back than were written');
}
