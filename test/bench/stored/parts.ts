import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { topicCatalogue } from '@voicemail/contracts';
import { DEPOSIT_CONSUMER_GROUP, depositConsumerTopics } from '@voicemail/deposit-consumer';
import { openSqliteLog, type EventLog, type TopicSettings } from '@voicemail/event-log';
import { createGdpr, type Gdpr } from '@voicemail/gdpr';
import {
  callerHashes,
  createLedgers,
  openTenantDirectory,
  type CallerHashes,
  type Ledgers,
  type TenantDirectory,
} from '@voicemail/message-store';
import { openSqliteMwiStore, type MwiStore } from '@voicemail/mwi-store';
import { openFileSystemStore, type ObjectStore } from '@voicemail/object-store';
import {
  createLogger,
  createMetrics,
  systemIds,
  type Clock,
  type Ids,
  type Logger,
  type Metrics,
} from '@voicemail/runtime';

export const TENANT = 't100';
export const REGION = 'westus2';
/** The text of the caller-hash key file. */
export const CALLER_HASH_KEY = Buffer.alloc(32, 7).toString('base64');

/** What the services of a deployment are given, on a folder of its own, without the services. */
export interface Parts extends AsyncDisposable {
  readonly folder: string;
  readonly log: EventLog;
  readonly mwi: MwiStore;
  readonly tenants: TenantDirectory;
  readonly ledgers: Ledgers;
  readonly gdpr: Gdpr;
  readonly deployment: ObjectStore;
  readonly hashes: CallerHashes;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Where the only region of a folder keeps its objects. */
export const regionRoot = (folder: string): string => join(folder, 'regions', REGION);

/** What may stand in place of the folder's own. */
export interface OtherParts {
  readonly openLog: (ids: Ids) => Promise<EventLog>;
  readonly openMwi: (ids: Ids) => Promise<MwiStore>;
  /** What stands before the region's store. */
  readonly layer: (store: ObjectStore) => ObjectStore;
}

export async function openParts(folder: string, clock: Clock, others: Partial<OtherParts> = {}): Promise<Parts> {
  const ids = systemIds();
  const logger = createLogger({ level: 'silent', name: 'bench' });
  const metrics = createMetrics();
  const hashes = callerHashes(CALLER_HASH_KEY);
  await mkdir(regionRoot(folder), { recursive: true });
  await writeFile(
    join(folder, 'tenants.json'),
    JSON.stringify([tenantEntry({ interface: 'FileSystem', root: regionRoot(folder) })]),
  );
  const { layer = (store) => store } = others;
  const log = await (others.openLog?.(ids) ?? openLog(folder, clock));
  const mwi = await (others.openMwi?.(ids) ?? openSqliteMwiStore({ file: join(folder, 'mwi.sqlite'), clock, ids }));
  const open = (root: string, region: string): Promise<ObjectStore> =>
    openFileSystemStore({ root, region, clock, ids });
  const tenants = await openTenantDirectory({
    file: join(folder, 'tenants.json'),
    defaults: {},
    hashes,
    clock,
    logger,
    // The folder serves one tenant for one run: there is nothing to remember.
    memory: { read: async () => null, write: async () => undefined },
    openStore: async (_tenant, { name }) => layer(await open(regionRoot(folder), name)),
  });
  const deployment = await open(join(folder, 'deployment'), 'deployment');
  const ledgers = createLedgers(clock);
  const hardDeadlineMs = 7 * 86_400_000;
  const gdpr = createGdpr({ log, ledgers, clock, ids, logger, metrics, holder: 'bench', hardDeadlineMs });
  return {
    folder,
    log,
    mwi,
    tenants,
    ledgers,
    gdpr,
    deployment,
    hashes,
    clock,
    ids,
    logger,
    metrics,
    [Symbol.asyncDispose]: async () => {
      tenants.stop();
      await mwi.close();
      await log.close();
    },
  };
}

/** The embedded log of a data folder, with every topic that the services use. */
export function openLog(folder: string, clock: Clock): Promise<EventLog> {
  return openSqliteLog({ file: join(folder, 'log.sqlite'), topics: everyTopic(), clock, ids: systemIds() });
}

/** Every topic that the services use. */
export const everyTopic = (): readonly TopicSettings[] => [
  ...topicCatalogue({ deposits: [DEPOSIT_CONSUMER_GROUP], gdprRequests: [] }),
  ...depositConsumerTopics(),
];

/** The tenant with one region, as the tenants' file has it. */
export const tenantEntry = (storage: object): object => ({
  name: TENANT,
  tenant_id: TENANT,
  tenant_uuid: '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d',
  status: 'ACTIVE',
  default_country: 'US',
  access_number: '5555',
  sip_domain: 'voice.example.com',
  master_region: REGION,
  regions: [{ name: REGION, storage }],
});
