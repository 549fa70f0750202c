import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { callerHashes } from '@voicemail/message-store';
import type { Context, Figure } from '../figure.ts';
import { bareForget } from '../forget/bare-forget.ts';
import { createForgetter } from '../forget/forgetter.ts';
import { leapingClock } from '../forget/leaping-clock.ts';
import { concurrently } from '../load/concurrently.ts';
import { callerNumber, someAudio } from '../load/deposits.ts';
import { comparison, type Comparison } from '../measure/comparison.ts';
import { perSecond, rounds } from '../measure/rounds.ts';
import { memoryFolder } from '../stored/memory-folder.ts';
import { messageObjects } from '../stored/message-objects.ts';
import { CALLER_HASH_KEY, openLog, REGION, TENANT } from '../stored/parts.ts';
import { placeInThreads } from '../stored/place-in-threads.ts';
import { placedMessage } from '../stored/place-messages.ts';
import type { KindName, Place, StoreHost } from '../stores/host.ts';
import { onEveryKind } from '../stores/kinds.ts';
import { openTenant } from '../stores/tenant.ts';

/** A gateway is given them by puts, which take longer than what is measured. */
const MESSAGES: Readonly<Record<KindName, number>> = { volume: 10_000, S3: 1_000, Azure: 0 };
const QUICK_MESSAGES = 200;
/** So many messages are rounds enough. */
const ROUNDS = 1;
const AUDIO_BYTES = 200;
const AT_ONCE = 16;
const AIM = 0.8;

export const forgetMany: Figure = {
  name: 'forget-many',
  about: 'messages/s of one caller with 10,000 that are marked, and deleted, ÷ the bare calls of the store',
  run: (context) => onEveryKind(context, 'forget-many', (host) => compare(context, host)),
};

async function compare(context: Context, host: StoreHost): Promise<readonly Comparison[]> {
  const name = `forget-many, ${host.kind}`;
  if (host.kind === 'Azure') {
    context.missing(name, 'Azurite finds by tag among the first 5,000 objects of a container alone');
    return [];
  }
  const count = context.quick ? QUICK_MESSAGES : MESSAGES[host.kind];
  await using inMemory = context.quick || context.patient ? null : await memoryFolder(count * ROUNDS * 4);
  const folder = inMemory?.folder ?? context.folder;
  const counted = await rounds(
    context,
    name,
    async (round) => {
      // The first round warms up: calls of each kind, of fewer messages.
      const some = round === 0 ? Math.min(count, QUICK_MESSAGES) : count;
      const [first, second] = [
        await filled(context, host, await folder(), some),
        await filled(context, host, await folder(), some),
      ];
      // What was placed is written first: it is not what is measured that is to wait for it.
      await promisify(execFile)('sync');
      // Whoever is second may find what the first has left in caches, or its garbage.
      const turns = [async () => forgotten(context, first, some), async () => barelyForgotten(second, some)] as const;
      if (round % 2 === 0) return { ours: await turns[0](), beside: await turns[1]() };
      const beside = await turns[1]();
      return { ours: await turns[0](), beside };
    },
    { count: ROUNDS },
  );
  const where = inMemory === null ? 'on disk' : 'in memory';
  const shown = (what: string, of: keyof Rates): Comparison =>
    comparison(
      {
        name: `forget-many, ${what}, ${host.kind}`,
        unit: 'messages/s',
        ours: `the work on a request about one caller with ${count.toLocaleString('en-US')} messages, ${where}, on ${host.by}`,
        beside: `${host.kind === 'volume' ? 'the bare store' : 'the bare SDK'}: the calls that it needs, as many at once`,
        aim: { atLeast: AIM },
      },
      counted.map(({ ours, beside }) => ({ ours: { value: ours[of] }, beside: { value: beside[of] } })),
    );
  return [shown('marked', 'marked'), shown('deleted', 'deleted')];
}

/** Messages a second. */
interface Rates {
  readonly marked: number;
  readonly deleted: number;
}

async function forgotten(context: Context, place: Place, count: number): Promise<Rates> {
  const clock = leapingClock();
  await using tenant = await openTenant(await context.folder(), await place.storage());
  const log = await openLog(await context.folder(), clock);
  const forgetter = createForgetter({ log, clock }, tenant.stores);
  const requestIds: string[] = [];
  const marked = await perSecond(count, async () => requestIds.push(await forgetter.mark([callerNumber(0)])));
  const deleted = await perSecond(count, () => forgetter.erase(requestIds));
  await log.close();
  return { marked, deleted };
}

async function barelyForgotten({ bareCalls }: Place, count: number): Promise<Rates> {
  if (bareCalls === null) throw new Error('the kind of store has no bare calls');
  const calls = await bareCalls();
  const names = Array.from({ length: count }, (_, index) => placedMessage(index, count));
  const hash = callerHashes(CALLER_HASH_KEY).current(TENANT, callerNumber(0));
  const work = bareForget(calls, hash, names);
  const marked = await perSecond(count, () => work.mark());
  const deleted = await perSecond(count, () => work.erase());
  calls.close();
  return { marked, deleted };
}

/** A place with so many messages of one caller. */
async function filled(context: Context, host: StoreHost, folder: string, count: number): Promise<Place> {
  const place = await host.makePlace(folder);
  const shared = { tenant: TENANT, region: REGION, audio: someAudio(AUDIO_BYTES), at: Date.now() };
  if (host.kind === 'volume' && place.files !== null) {
    // Makes the store, which is what the messages are placed into.
    await (await openTenant(await context.folder(), await place.storage()))[Symbol.asyncDispose]();
    const range = { from: 0, to: count, ofOneCaller: count, callerHashKey: CALLER_HASH_KEY };
    await placeInThreads({ ...shared, ...range, root: place.files, as: 'versions', ownRecordings: true });
    return place;
  }
  const objectsOf = messageObjects({ ...shared, hashes: callerHashes(CALLER_HASH_KEY), tagSearch: false });
  const store = await place.bare();
  await concurrently(count, AT_ONCE, async (index) => {
    const { entry, media, metadata } = objectsOf(placedMessage(index, count));
    for (const object of [entry, media, metadata]) if (object !== null) await store.put(object);
  });
  store.close();
  return place;
}
