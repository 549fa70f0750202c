import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileSystemStore, type ObjectStore } from '@voicemail/object-store';
import { manualClock, systemIds, type ManualClock } from '@voicemail/runtime';
import { callerHashes } from './caller-hash.ts';
import type { Deposit } from './deposit.ts';
import type { SweepOptions } from './sweep.ts';
import type { TenantStores } from './tenant-stores.ts';

export const START = Date.parse('2026-03-02T10:00:00.000Z');

/** A tenant with two regions on volumes of their own, its time in the test's hands. */
export interface World {
  readonly stores: TenantStores;
  readonly clock: ManualClock;
  readonly folder: string;
  /** The same tenant on the same volumes, each store behind a layer: a process of its own. */
  behind(layer: (store: ObjectStore) => ObjectStore): TenantStores;
  remove(): Promise<void>;
}

export async function openWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'voicemail-stores-'));
  const clock = manualClock(START);
  const open = (region: string): Promise<ObjectStore> =>
    openFileSystemStore({ root: join(folder, region), clock, ids: systemIds(), region });
  const plain = { westus2: await open('westus2'), westeurope: await open('westeurope') };
  const behind = (layer: (store: ObjectStore) => ObjectStore): TenantStores => {
    const master = { name: 'westus2', store: layer(plain.westus2) };
    const other = { name: 'westeurope', store: layer(plain.westeurope) };
    const hashes = callerHashes(Buffer.alloc(32, 7).toString('base64'));
    const country = { defaultCountry: 'US', formerDefaultCountries: [] };
    return { tenant: 't100', ...country, master, regions: [master, other], hashes };
  };
  return {
    stores: behind((store) => store),
    clock,
    folder,
    behind,
    remove: () => rm(folder, { recursive: true, force: true }),
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
