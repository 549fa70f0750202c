import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { memoryFolder } from '@voicemail/object-store/testing';
import { openFileSystemStore, type ObjectStore } from '@voicemail/object-store';
import { manualClock, systemIds, type Clock, type ManualClock } from '@voicemail/runtime';
import { callerHashes } from '../caller-hash.ts';
import { claimMasterRegion } from '../claim-master-region.ts';
import { keepDeadLetter, type RejectedRecord } from '../dead-letters.ts';
import { deleteMessage, eraseMessage } from '../delete-message.ts';
import { storeDeposit } from '../deposit.ts';
import { markMessage } from '../forget-marks.ts';
import { changeMailbox } from '../mailbox-settings.ts';
import { copyStorage, type CopyOptions } from './copy-storage.ts';
import { newCopyReport, type CopyReport } from './report.ts';
import type { TenantStores } from '../tenant-stores.ts';
import { someDeposit, START } from '../test-world.ts';
import { changeState } from '../update-message.ts';

export const CALLER = '+15551212000';
/** The caller-hash key that everything is under at first. */
export const FIRST_KEY = 7;
export const now = new Date(START).toISOString();
export const later = new Date(START + 60_000).toISOString();

/** A store of one kind for a test, in a place of its own. */
export interface OpenedStore {
  readonly store: ObjectStore;
  readonly dispose: () => Promise<void>;
}
export type OpenStore = (region: string, clock: Clock) => Promise<OpenedStore>;

export const volume: OpenStore = async (region, clock) => {
  const folder = await mkdtemp(join(memoryFolder(), 'voicemail-copy-'));
  const store = await openFileSystemStore({ root: join(folder, region), clock, ids: systemIds(), region });
  return { store, dispose: () => rm(folder, { recursive: true, force: true }) };
};

/** The tenant t100 with a region `source`, a region `target`, and a region `home` on a volume that neither is. */
export interface CopyWorld extends AsyncDisposable {
  readonly stores: TenantStores;
  readonly clock: ManualClock;
  /** The same tenant on the same stores, each behind a layer: a process of its own. */
  readonly behind: (layer: (store: ObjectStore) => ObjectStore) => TenantStores;
  /** The same with other caller-hash keys, the current one first. */
  readonly withKeys: (...keys: readonly number[]) => TenantStores;
  /** As a start after the tenants' file was changed sees it. */
  readonly withMaster: (name: string) => TenantStores;
  readonly copy: (stores?: TenantStores, options?: Partial<CopyOptions>) => Promise<CopyReport>;
}

export interface CopyWorldOptions {
  readonly source: OpenStore;
  readonly target: OpenStore;
  readonly master: 'source' | 'home';
}

export async function openCopyWorld({ source, target, master }: CopyWorldOptions): Promise<CopyWorld> {
  const clock = manualClock(START);
  const opened = {
    source: await source('source', clock),
    target: await target('target', clock),
    home: await volume('home', clock),
  };
  const hashesOf = (...keys: readonly number[]) =>
    callerHashes(keys.map((byte) => Buffer.alloc(32, byte).toString('base64')).join('\n'));
  const hashes = hashesOf(FIRST_KEY);
  const tenantOf = (masterName: string, layer: (store: ObjectStore) => ObjectStore): TenantStores => {
    const all = Object.entries(opened).map(([name, { store }]) => ({ name, store: layer(store) }));
    const regions = all.toSorted((a, b) => Number(b.name === masterName) - Number(a.name === masterName));
    const country = { defaultCountry: 'US', formerDefaultCountries: ['GB'] };
    return { tenant: 't100', ...country, master: regions[0]!, regions, hashes };
  };
  const stores = tenantOf(master, (store) => store);
  await claimMasterRegion(stores, false);
  return {
    stores,
    clock,
    behind: (layer) => tenantOf(master, layer),
    withKeys: (...keys) => ({ ...stores, hashes: hashesOf(...keys) }),
    withMaster: (name) => tenantOf(name, (store) => store),
    copy: async (tenant = stores, options = {}) => {
      const report = newCopyReport();
      const { signal } = new AbortController();
      const all = { from: 'source', to: 'target', isAlone: false, clock, signal, ...options };
      await copyStorage(tenant, all, report);
      return report;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(Object.values(opened).map(({ dispose }) => dispose()));
    },
  };
}

/** What a tenant has after some time: messages of every kind, most of them in the source. */
export async function fill(stores: TenantStores): Promise<void> {
  const put = (messageId: string, more: Parameters<typeof someDeposit>[0] = {}) =>
    storeDeposit(stores, someDeposit({ messageId, region: 'source', ...more }), now);
  await put('new');
  await put('read');
  await put('anonymous', { callerId: null });
  await put('marked', { mailbox: '42' });
  await put('deleted');
  await put('elsewhere', { region: 'home', mailbox: '42' });
  // Stored while numbers were read for another country, and found by the number as it was read then.
  const british = { ...stores, defaultCountry: 'GB', formerDefaultCountries: [] };
  await storeDeposit(british, someDeposit({ messageId: 'british', region: 'source', callerId: '020 7946 0018' }), now);
  await changeState(stores, '9876', 'read', { action: 'read', order: { at: later, id: 'e1' } }, later);
  await markMessage(stores, '42', 'marked', 'request-1', later);
  const deleted = await deleteMessage(stores, '9876', 'deleted', 'user', later);
  if (deleted !== null) await eraseMessage(stores, deleted);
  await changeMailbox(stores, '9876', { kind: 'personal', owner: 'agent1', status: 'active' }, { time: now, id: 'e1' });
}

/** A deposit that was refused, kept in one region. */
export async function keepLetterIn(stores: TenantStores, region: string): Promise<void> {
  const only = stores.regions.filter(({ name }) => name === region);
  const rejected: RejectedRecord = {
    topic: 'voicemail.deposits',
    partition: 0,
    offset: 3,
    key: 't100/9876',
    value: Buffer.from('the sound of hanging up'),
    headers: { ce_id: 'm1', ce_callerid: CALLER },
    takenAtMs: START,
    reason: 'conflict',
    detail: 'there is another recording under this message id',
    stagedKey: null,
    callerId: CALLER,
  };
  await keepDeadLetter({ tenant: { ...stores, regions: only }, deployment: stores.master.store }, rejected, START);
}

/** What lies in a region: a digest of each object, with its type and tags. */
export async function contentOf(stores: TenantStores, region: string): Promise<Readonly<Record<string, string>>> {
  const store = stores.regions.find(({ name }) => name === region)?.store;
  const found: Record<string, string> = {};
  if (store === undefined) return found;
  for await (const { key } of store.list('')) {
    const reader = await store.get(key);
    if (reader === null) continue;
    const hash = createHash('sha256');
    for await (const chunk of reader.body) hash.update(chunk);
    const { contentType, tags } = reader.info;
    const named = Object.entries(tags).toSorted(([a], [b]) => (a < b ? -1 : 1));
    found[key] = JSON.stringify([hash.digest('hex'), contentType, named]);
  }
  return found;
}

export const allContent = async (stores: TenantStores): Promise<unknown> =>
  Object.fromEntries(
    await Promise.all(stores.regions.map(async ({ name }) => [name, await contentOf(stores, name)] as const)),
  );
