import { storeDeposit, type Deposit, type TenantStores } from '@voicemail/message-store';
import type { ObjectStore } from '@voicemail/object-store';
import type { BareStore, NewObject } from '../bare/bare-store.ts';
import type { Context, Figure } from '../figure.ts';
import { concurrently } from '../load/concurrently.ts';
import { callerOf, mailboxOf, someAudio } from '../load/deposits.ts';
import { comparison, type Comparison, type Round } from '../measure/comparison.ts';
import { inTurns } from '../measure/in-turns.ts';
import { rounds } from '../measure/rounds.ts';
import { REGION } from '../stored/parts.ts';
import { callsOfBare, callsOfOurs } from '../stores/count-calls.ts';
import type { KindName, StoreHost } from '../stores/host.ts';
import { onEveryKind } from '../stores/kinds.ts';
import { openTenant } from '../stores/tenant.ts';

const DEPOSITS = 600;
const QUICK_DEPOSITS = 150;
const TURN = 50;
const AT_ONCE = 16;
const AUDIO_BYTES = 8 * 1_024;
const COUNTED = 20;
const AIM = 0.95;
/** Index entry, media, metadata; a store that finds a caller by its tags needs no index (CONTRACT section 4). */
const LEAST_CALLS: Readonly<Record<KindName, number>> = { volume: 3, S3: 3, Azure: 2 };

export const storeDeposits: Figure = {
  name: 'store-deposits',
  about: 'deposits/s into a volume, S3 and Azure ÷ the bare SDK making the same calls',
  run: (context) => onEveryKind(context, 'store-deposits', (host) => compare(context, host)),
};

async function compare(context: Context, host: StoreHost): Promise<readonly Comparison[]> {
  const name = `store-deposits, ${host.kind}`;
  const total = context.quick ? QUICK_DEPOSITS : DEPOSITS;
  const [place, barePlace, folder] = [await host.makePlace(), await host.makePlace(), await context.folder()];
  const audio = someAudio(AUDIO_BYTES);

  const first = depositsOf('counted', COUNTED + 1, audio);
  const ours = await callsOfOurs(host, place, folder, COUNTED, (stores, index) => first.store(stores, index));
  const beside = await callsOfBare(host, barePlace, COUNTED, (bare, index) => first.storeBarely(bare, index));

  await using tenant = await openTenant(folder, await place.storage());
  const bare = await barePlace.bare();
  const counted = await rounds(context, name, (round) => {
    const deposits = depositsOf(`round-${round}`, total, audio);
    return inTurns(
      total,
      TURN,
      (from, to) => concurrently(to - from, AT_ONCE, (index) => deposits.store(tenant.stores, from + index)),
      (from, to) => concurrently(to - from, AT_ONCE, (index) => deposits.storeBarely(bare, from + index)),
    );
  });
  bare.close();
  const isVolume = host.kind === 'volume';
  const options = {
    name,
    unit: 'deposits/s',
    ours: `message-store on the adapter in the server’s layers, ${AT_ONCE} at once, on ${host.by}`,
    beside: isVolume ? 'bare files, as many puts' : 'the bare SDK: the same puts, as many at once',
    calls: { of: 'a deposit', ours, beside, least: LEAST_CALLS[host.kind] },
    ...(isVolume ? {} : { aim: { atLeast: AIM } }),
  };
  return [comparison(options, isVolume ? counted : counted.map(withoutIo))];
}

/** What this process asks of its own disk says nothing of a server's. */
const withoutIo = ({ ours, beside }: Round): Round => ({
  ours: { value: ours.value },
  beside: { value: beside.value },
});

/** Deposits into the master region. Ours stores each first; what it put is what is put without it. */
interface Load {
  store(stores: TenantStores, index: number): Promise<void>;
  storeBarely(bare: BareStore, index: number): Promise<void>;
}

function depositsOf(load: string, count: number, audio: Uint8Array): Load {
  const now = new Date().toISOString();
  const deposits = Array.from({ length: count }, (_, index): Deposit => {
    const [mailbox, callerId] = [mailboxOf(index), callerOf(index)];
    const told = { region: REGION, depositedAt: now, takenAt: now, priority: 'normal', private: false } as const;
    const media = { contentType: 'audio/wav', bytes: audio };
    return { ...told, mailbox, messageId: `${load}-${index}`, callerId, durationMs: 1_000, media };
  });
  const put = deposits.map((): NewObject[] => []);
  return {
    store: async (stores, index) => {
      const [deposit, objects] = [deposits[index], put[index]];
      if (deposit === undefined || objects === undefined) throw new RangeError(`there is no deposit ${index}`);
      const { kind } = await storeDeposit(noting(stores, objects), deposit, now);
      if (kind !== 'stored') throw new Error(`a new deposit was ${kind}`);
    },
    storeBarely: async (bare, index) => {
      for (const object of put[index] ?? []) await bare.put(object);
    },
  };
}

/** The same stores, which note what is put into them. */
function noting(stores: TenantStores, objects: NewObject[]): TenantStores {
  const { name, store } = stores.master;
  const put: ObjectStore['put'] = (key, body, options) => {
    if (!(body instanceof Uint8Array)) throw new TypeError('a deposit of so few bytes is put whole');
    objects.push({ key, body, contentType: options.contentType, tags: options.tags ?? {} });
    return store.put(key, body, options);
  };
  const master = { name, store: { ...store, put } };
  return { ...stores, master, regions: [master] };
}
