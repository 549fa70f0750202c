import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { callerHashes, searchCaller, storeDeposit, type TenantStores } from '@voicemail/message-store';
import type { Context, Figure } from '../figure.ts';
import { concurrently } from '../load/concurrently.ts';
import { callerNumber, someAudio } from '../load/deposits.ts';
import { comparison, type Comparison } from '../measure/comparison.ts';
import { rounds, seconds } from '../measure/rounds.ts';
import { summary } from '../measure/summary.ts';
import { memoryFolder } from '../stored/memory-folder.ts';
import { messageObjects } from '../stored/message-objects.ts';
import { CALLER_HASH_KEY, REGION, TENANT } from '../stored/parts.ts';
import { placeInThreads } from '../stored/place-in-threads.ts';
import { placedMessage } from '../stored/place-messages.ts';
import { callsOfOurs } from '../stores/count-calls.ts';
import type { KindName, Place, StoreHost } from '../stores/host.ts';
import { onEveryKind } from '../stores/kinds.ts';
import { openTenant, type OpenTenant } from '../stores/tenant.ts';

const HITS = 10;
/** Callers that are searched. Their messages were deposited; those of the others are placed. */
const SOUGHT = 20;
const SMALL = 1_000;
/** Azurite's search looks at the tags of no more than 5,000 objects, two for a message; what comes after those in a container it never finds. */
const LARGE: Readonly<Record<KindName, number>> = { volume: 100_000, S3: 100_000, Azure: 2_400 };
const QUICK_LARGE: Readonly<Record<KindName, number>> = { volume: 3_000, S3: 3_000, Azure: 2_000 };
const PASSES = 5;
const QUICK_PASSES = 1;
const AT_ONCE = 16;
const AUDIO_BYTES = 200;
const MAX_RATIO = 1.2;
const MS_PER_SECOND = 1_000;

export const callerSearch: Figure = {
  name: 'caller-search',
  about: 'a search by caller with 10 hits among 100,000 messages ÷ among 1,000 (fewer on Azurite)',
  run: (context) => onEveryKind(context, 'caller-search', (host) => compare(context, host)),
};

async function compare(context: Context, host: StoreHost): Promise<readonly Comparison[]> {
  const name = `caller-search, ${host.kind}`;
  const asked = (context.quick ? QUICK_LARGE : LARGE)[host.kind];
  await using inMemory = context.quick || context.patient ? null : await memoryFolder(asked);
  const folder = inMemory?.folder ?? context.folder;
  context.progress(`${name}: placing ${asked} messages`);
  await using large = await filled(context, host, await folder(), asked);
  await using small = await filled(context, host, await folder(), SMALL);
  // What was placed is written first: it is not a search that is to wait for it.
  await promisify(execFile)('sync');

  const callsIn = ({ place, remembered }: Filled) =>
    callsOfOurs(host, place, remembered, SOUGHT, (stores, index) => search(stores, index % SOUGHT));
  const calls = { of: 'a search', ours: await callsIn(large), beside: await callsIn(small), least: null };
  const passes = context.quick ? QUICK_PASSES : PASSES;
  const counted = await rounds(context, name, async () => {
    const [inLarge, inSmall] = [timed(large.stores), timed(small.stores)];
    for (let index = 0; index < passes * SOUGHT; index += 1) {
      // Whoever is second may find what the first has left in caches, or its garbage.
      const turns = index % 2 === 0 ? [inLarge, inSmall] : [inSmall, inLarge];
      for (const side of turns) await side.run(index % SOUGHT);
    }
    return { ours: { value: inLarge.medianMs() }, beside: { value: inSmall.medianMs() } };
  });
  const where = host.kind === 'Azure' || inMemory !== null ? 'in memory' : 'on disk';
  const options = {
    name,
    unit: 'ms a search',
    ours: `a caller with ${HITS} of ${asked.toLocaleString('en-US')} messages, ${where}, on ${host.by}`,
    beside: `the same with ${HITS} of ${SMALL.toLocaleString('en-US')}`,
    calls,
    // Azurite looks at every object to find some, which the service does not.
    ...(host.kind === 'Azure' ? {} : { aim: { atMost: MAX_RATIO } }),
  };
  return [comparison(options, counted)];
}

/** Searches of which the one in the middle counts: other programs' work is in a few of them, and makes those many times longer. */
function timed(stores: TenantStores): { run(caller: number): Promise<void>; medianMs(): number } {
  const tookMs: number[] = [];
  return {
    run: async (caller) => void tookMs.push((await seconds(() => search(stores, caller))) * MS_PER_SECOND),
    medianMs: () => summary(tookMs).median,
  };
}

/** @throws Error when it does not find what is there. */
async function search(stores: TenantStores, caller: number): Promise<void> {
  const found = await Array.fromAsync(searchCaller(stores, callerNumber(caller)));
  if (found.length !== HITS) throw new Error(`a search found ${found.length} messages of ${HITS}`);
}

interface Filled extends OpenTenant {
  readonly place: Place;
  /** What the server remembers of its stores. */
  readonly remembered: string;
}

async function filled(context: Context, host: StoreHost, folder: string, count: number): Promise<Filled> {
  const place = await host.makePlace(folder);
  const remembered = await context.folder();
  const tenant = await openTenant(remembered, await place.storage());
  const audio = someAudio(AUDIO_BYTES);
  const deposited = SOUGHT * HITS;
  const at = new Date();
  await concurrently(deposited, AT_ONCE, (index) => deposit(tenant.stores, index, audio, at.toISOString()));
  const shared = { tenant: TENANT, region: REGION, audio, at: at.getTime() };
  if (place.files === null) {
    const hashes = callerHashes(CALLER_HASH_KEY);
    const { tagSearch } = tenant.stores.master.store.capabilities;
    const objectsOf = messageObjects({ ...shared, hashes, tagSearch });
    const bare = await place.bare();
    await concurrently(count - deposited, AT_ONCE, async (index) => {
      const { entry, media, metadata } = objectsOf(placedMessage(deposited + index, HITS));
      for (const object of [entry, media, metadata]) if (object !== null) await bare.put(object);
    });
    bare.close();
  } else {
    const [root, as] = [place.files, host.kind === 'volume' ? 'versions' : 'files'] as const;
    const placed = { from: deposited, to: count, ofOneCaller: HITS, callerHashKey: CALLER_HASH_KEY };
    await placeInThreads({ ...shared, ...placed, root, as });
  }
  return { ...tenant, place, remembered };
}

async function deposit(stores: TenantStores, index: number, audio: Uint8Array, now: string): Promise<void> {
  const told = { region: REGION, depositedAt: now, takenAt: now, priority: 'normal', private: false } as const;
  const media = { contentType: 'audio/wav', bytes: audio };
  await storeDeposit(stores, { ...told, ...placedMessage(index, HITS), durationMs: 1_000, media }, now);
}
