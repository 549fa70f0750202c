import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topicCatalogue, TOPICS } from '@voicemail/contracts';
import {
  createDepositConsumer,
  DEPOSIT_CONSUMER_GROUP,
  depositConsumerTopics,
  type DepositConsumer,
} from '@voicemail/deposit-consumer';
import type { EventLog } from '@voicemail/event-log';
import {
  callerHashes,
  createLedgers,
  openTenantDirectory,
  type Memory,
  type TenantDirectory,
} from '@voicemail/message-store';
import { createProjector, messageRecount } from '@voicemail/mwi-projector';
import type { MwiStore } from '@voicemail/mwi-store';
import { openFileSystemStore, type ObjectStore } from '@voicemail/object-store';
import { createLogger, createMetrics, systemIds, type ManualClock } from '@voicemail/runtime';
import { isDistributed } from './backbone.ts';
import { deploymentClock, openBackbone, START } from './in-process-backbone.ts';

export { START };

/** How many runs a property has: to begin anew takes seconds on Kafka, and what names do to files is the same there. */
export const runsOf = (embedded: number): number =>
  isDistributed ? Math.ceil(embedded / RUN_OF_EACH_ON_KAFKA) : embedded;
const RUN_OF_EACH_ON_KAFKA = 5;
const TENANT_UUID = '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d';

/** Hours pass in these tests: rounds by the second would be most of their work. */
const HOUR_MS = 3_600_000;
const RARE_ROUNDS = { settleIntervalMs: HOUR_MS, lossCheckIntervalMs: HOUR_MS, sliceIntervalMs: HOUR_MS };

/** Where a deployment keeps everything, and its time; the processes come and go. */
export interface Deployment {
  readonly folder: string;
  readonly clock: ManualClock;
  /** Starts deposit consumer and projector in this process. One at a time: a data folder has one owner. */
  run(layers?: Layers): Promise<Running>;
  remove(): Promise<void>;
}

/** What stands round the ports: faults, crashes. */
export interface Layers {
  readonly store?: (store: ObjectStore, region: string) => ObjectStore;
  readonly log?: (log: EventLog) => EventLog;
}

export interface Running {
  readonly log: EventLog;
  readonly mwi: MwiStore;
  readonly tenants: TenantDirectory;
  readonly consumer: DepositConsumer;
  /** The deployment's own store. */
  readonly deployment: ObjectStore;
  /** Everything that is in the log is stored, announced and counted; what is due later waits. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

export async function openDeployment(): Promise<Deployment> {
  const folder = await mkdtemp(join(tmpdir(), 'voicemail-deployment-'));
  const clock = deploymentClock();
  const regions = ['westus2', 'westeurope'];
  const storage = (name: string) => ({ interface: 'FileSystem', root: join(folder, 'regions', name) });
  const tenant = {
    name: 't100',
    tenant_id: 't100',
    tenant_uuid: TENANT_UUID,
    status: 'ACTIVE',
    default_country: 'US',
    access_number: '5555',
    sip_domain: 'voice.example.com',
    master_region: 'westus2',
    regions: regions.map((name) => ({ name, storage: storage(name) })),
  };
  await mkdir(join(folder, 'regions'), { recursive: true });
  await writeFile(join(folder, 'tenants.json'), JSON.stringify([tenant]));
  return {
    folder,
    clock,
    run: (layers = {}) => runIn(folder, clock, layers),
    remove: async () => {
      clock[Symbol.dispose]();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function runIn(folder: string, clock: ManualClock, layers: Layers): Promise<Running> {
  const ids = systemIds();
  const logger = createLogger({ level: 'silent', name: 'test' });
  const metrics = createMetrics();
  const topics = [
    ...topicCatalogue({ deposits: [DEPOSIT_CONSUMER_GROUP], gdprRequests: [] }),
    ...depositConsumerTopics(),
  ];
  const { log: opened, mwi } = await openBackbone({ folder, topics, clock, ids });
  const log = layers.log?.(opened) ?? opened;
  const open = async (root: string, region: string): Promise<ObjectStore> => {
    const store = await openFileSystemStore({ root, region, clock, ids });
    return layers.store?.(store, region) ?? store;
  };
  const tenants = await openTenantDirectory({
    file: join(folder, 'tenants.json'),
    defaults: {},
    openStore: (_tenant, region) => {
      if (region.storage.interface !== 'FileSystem') throw new Error('this deployment has volumes alone');
      return open(region.storage.root, region.name);
    },
    hashes: callerHashes(Buffer.alloc(32, 7).toString('base64')),
    clock,
    logger,
    pollMs: HOUR_MS,
    memory: forgetful(),
  });
  const deployment = await open(join(folder, 'deployment'), 'deployment');
  const consumer = createDepositConsumer({
    log,
    tenants,
    ledgers: createLedgers(clock),
    deployment,
    clock,
    ids,
    logger,
    metrics,
  });
  const projector = createProjector({
    log,
    mwi,
    messages: messageRecount(tenants),
    tenants: () => tenants.all().map(({ tenant }) => tenant),
    clock,
    ids,
    logger,
    metrics,
    limits: RARE_ROUNDS,
  });
  await consumer.start();
  await projector.start();
  return {
    log,
    mwi,
    tenants,
    consumer,
    deployment,
    settle: async () => {
      await consumer.idle();
      await projector.idle();
    },
    stop: async () => {
      tenants.stop();
      await consumer.stop(0);
      await projector.stop(0);
      await mwi.close();
      await opened.close();
    },
  };
}

/** One deployment in these tests never changes its countries. */
const forgetful = (): Memory => ({ read: async () => null, write: async () => undefined });

/** Every object below the regions: its path and a digest of its bytes. What an adapter keeps for itself is left out. */
export async function objectsOf(deployment: Deployment): Promise<Readonly<Record<string, string>>> {
  const root = join(deployment.folder, 'regions');
  const found: Record<string, string> = {};
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(root.length + 1);
    if (!entry.isFile() || path.split('/').some((segment) => segment.startsWith('.'))) continue;
    found[path] = createHash('sha256')
      .update(await readFile(join(root, path)))
      .digest('hex');
  }
  return found;
}

/** A mailbox's lamp as a subscriber of the topic of lamps has it: the last record of each key. */
export async function lastLamps(log: EventLog): Promise<Record<string, unknown>> {
  const lamps: Record<string, unknown> = {};
  for await (const record of log.read(TOPICS.mwi)) {
    if (record.key === null || record.value === null) continue;
    lamps[record.key] = (JSON.parse(Buffer.from(record.value).toString()) as { data: unknown }).data;
  }
  return lamps;
}
