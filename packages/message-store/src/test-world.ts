import type { ObjectStore } from '@voicemail/object-store';
import { memoryFolder, temporaryStore } from '@voicemail/object-store/testing';
import { manualClock, type ManualClock } from '@voicemail/runtime';
import { callerHashes } from './caller-hash.ts';
import type { Deposit } from './deposit.ts';
import type { SweepOptions } from './sweep.ts';
import type { TenantStores } from './tenant-stores.ts';

export const START = Date.parse('2026-03-02T10:00:00.000Z');

/** A tenant with two regions, westus2 (the master) and westeurope. */
export interface World {
  readonly stores: TenantStores;
  /** The time of the volumes, in the test's hands. Stores on servers have the real one. */
  readonly clock: ManualClock;
  /** ms since the epoch: about when the stores began, by the time that they stamp objects with. */
  readonly startMs: number;
  /** The same tenant on the same stores, each behind a layer: a process of its own. */
  behind(layer: (store: ObjectStore, region: string) => ObjectStore): TenantStores;
  remove(): Promise<void>;
}

/** A store that a test has for itself. */
export interface OwnStore {
  readonly store: ObjectStore;
  readonly dispose: () => Promise<void>;
}

/** How a store of its own is opened for a region; volumes have this clock. */
export type OpenOwnStore = (region: string, clock: ManualClock) => Promise<OwnStore>;

const openVolume: OpenOwnStore = (region, clock) => temporaryStore({ region, clock }, memoryFolder());

/** @param kinds how the stores of westus2 and westeurope are opened; volumes unless told. */
export async function openWorld(
  kinds: { readonly westus2: OpenOwnStore; readonly westeurope: OpenOwnStore } = {
    westus2: openVolume,
    westeurope: openVolume,
  },
  startMs = START,
): Promise<World> {
  const clock = manualClock(startMs);
  const [westus2, westeurope] = await Promise.all([
    kinds.westus2('westus2', clock),
    kinds.westeurope('westeurope', clock),
  ]);
  const behind: World['behind'] = (layer) => {
    const master = { name: 'westus2', store: layer(westus2.store, 'westus2') };
    const other = { name: 'westeurope', store: layer(westeurope.store, 'westeurope') };
    const hashes = callerHashes(Buffer.alloc(32, 7).toString('base64'));
    const country = { defaultCountry: 'US', formerDefaultCountries: [] };
    return { tenant: 't100', ...country, master, regions: [master, other], hashes };
  };
  return {
    stores: behind((store) => store),
    clock,
    startMs,
    behind,
    remove: async () => {
      await Promise.all([westus2.dispose(), westeurope.dispose()]);
    },
  };
}

/** A deposit that is as it should be, but for what the test says. */
export function someDeposit(changes: Partial<Deposit> = {}): Deposit {
  const at = new Date(START).toISOString();
  return {
    mailbox: '9876',
    messageId: 'm1',
    callerId: '(555) 121-2000',
    region: 'westus2',
    depositedAt: at,
    takenAt: at,
    priority: 'normal',
    private: false,
    durationMs: 1500,
    media: { contentType: 'audio/wav', bytes: Buffer.from('RIFF some sound') },
    ...changes,
  };
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Of a sweep in a test: a failure of a store is one of the test. */
export function sweepAt(nowMs: number): SweepOptions {
  return {
    nowMs,
    signal: new AbortController().signal,
    onFailure: (error) => {
      throw error;
    },
    onNotErased: ({ why }) => {
      throw new Error(`a store keeps what was to be erased: ${why}`);
    },
  };
}
