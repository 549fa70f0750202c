import { callerHashes, storeDeposit, type TenantStores } from '@voicemail/message-store';
import type { Context } from '../figure.ts';
import { concurrently } from '../load/concurrently.ts';
import { someAudio } from '../load/deposits.ts';
import { messageObjects } from '../stored/message-objects.ts';
import { CALLER_HASH_KEY, REGION, TENANT } from '../stored/parts.ts';
import { placeInThreads } from '../stored/place-in-threads.ts';
import { placedMessage } from '../stored/place-messages.ts';
import type { Place, StoreHost } from './host.ts';
import { openTenant, type OpenTenant } from './tenant.ts';

const AT_ONCE = 16;
const AUDIO_BYTES = 200;

/** A tenant's store with messages in it. */
export interface Filled extends OpenTenant {
  readonly place: Place;
  /** What the server remembers of its stores. */
  readonly remembered: string;
}

export interface Filling {
  /** Where the store's files are to lie, if it has any. */
  readonly folder: string;
  /** So many in a row are of one caller. */
  readonly ofOneCaller: number;
  /** The first messages: what is looked for, as the store itself writes it. */
  readonly deposited: number;
  /** Those after them, of other callers. */
  readonly placed: number;
  /** Of each recording; 200 unless told. */
  readonly audioBytes?: number;
  /** Those of other callers are read too: a gateway then has to be given them by puts, for files that only lie there have no etag. */
  readonly allAreRead?: boolean;
}

/** Fills a store of a kind: with deposits, and quickly with what only lies there. */
export async function filled(context: Context, host: StoreHost, filling: Filling): Promise<Filled> {
  const { folder, ofOneCaller, deposited, placed, audioBytes = AUDIO_BYTES, allAreRead = false } = filling;
  const place = await host.makePlace(folder);
  const remembered = await context.folder();
  const tenant = await openTenant(remembered, await place.storage());
  const audio = someAudio(audioBytes);
  const at = new Date();
  const deposit = (index: number): Promise<void> => store(tenant.stores, index, ofOneCaller, audio, at.toISOString());
  await concurrently(deposited, AT_ONCE, deposit);
  const shared = { tenant: TENANT, region: REGION, audio, at: at.getTime() };
  if (place.files === null || (allAreRead && host.kind !== 'volume')) {
    const hashes = callerHashes(CALLER_HASH_KEY);
    const { tagSearch } = tenant.stores.master.store.capabilities;
    const objectsOf = messageObjects({ ...shared, hashes, tagSearch });
    const bare = await place.bare();
    await concurrently(placed, AT_ONCE, async (index) => {
      const { entry, media, metadata } = objectsOf(placedMessage(deposited + index, ofOneCaller));
      for (const object of [entry, media, metadata]) if (object !== null) await bare.put(object);
    });
    bare.close();
  } else {
    const [root, as] = [place.files, host.kind === 'volume' ? 'versions' : 'files'] as const;
    const range = { from: deposited, to: deposited + placed, ofOneCaller, callerHashKey: CALLER_HASH_KEY };
    await placeInThreads({ ...shared, ...range, root, as });
  }
  return { ...tenant, place, remembered };
}

async function store(
  stores: TenantStores,
  index: number,
  ofOneCaller: number,
  audio: Uint8Array,
  now: string,
): Promise<void> {
  const told = { region: REGION, depositedAt: now, takenAt: now, priority: 'normal', private: false } as const;
  const media = { contentType: 'audio/wav', bytes: audio };
  await storeDeposit(stores, { ...told, ...placedMessage(index, ofOneCaller), durationMs: 1_000, media }, now);
}
