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
import type { EventLog, TopicSettings } from '@voicemail/event-log';
import { createGdpr } from '@voicemail/gdpr';
import { createGdprSaga, GDPR_SAGA_GROUP } from '@voicemail/gdpr-saga';
import {
  callerHashes,
  createLedgers,
  openTenantDirectory,
  type Ledgers,
  type Memory,
  type TenantDirectory,
} from '@voicemail/message-store';
import { createProjector, messageRecount } from '@voicemail/mwi-projector';
import type { MwiStore } from '@voicemail/mwi-store';
import { openFileSystemStore, type FileSystemStore, type ObjectStore } from '@voicemail/object-store';
import {
  createLogger,
  createMetrics,
  readSchedule,
  systemIds,
  type ManualClock,
  type Schedule,
} from '@voicemail/runtime';
import { isDistributed } from './backbone.ts';
import { deploymentClock, openBackbone, START } from './in-process-backbone.ts';

export { START };

/**
 * How a property is tried, and how often: to begin anew takes seconds on Kafka, and what names do to files is the same there. A
 * counterexample is told as it was found there: to look for a smaller one takes longer than a test may.
 */
export const triesOf = (embedded: number): { readonly numRuns: number; readonly endOnFailure: boolean } => ({
  numRuns: isDistributed ? Math.ceil(embedded / RUN_OF_EACH_ON_KAFKA) : embedded,
  endOnFailure: isDistributed,
});
const RUN_OF_EACH_ON_KAFKA = 5;
const TENANT_UUID = '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b70';

/** Hours pass in these tests: rounds by the second would be most of their work. */
const HOUR_MS = 3_600_000;
const RARE_ROUNDS = { settleIntervalMs: HOUR_MS, lossCheckIntervalMs: HOUR_MS, sliceIntervalMs: HOUR_MS };
const HARD_DEADLINE_MS = 7 * 24 * HOUR_MS;
const EVERY_HOUR = '0 * * * *';

const FIRST_TENANT = 't100';
const REGIONS = ['westus2', 'westeurope'];

/** Where a deployment keeps everything, and its time; the processes come and go. */
export interface Deployment {
  readonly folder: string;
  readonly clock: ManualClock;
  /** Starts deposit consumer and projector in this process. One at a time: a data folder has one owner. */
  run(layers?: Layers): Promise<Running>;
  remove(): Promise<void>;
}

export interface DeploymentOptions {
  /** Each with regions of its own; `t100` unless told. */
  readonly tenants?: readonly string[];
  /** Where its folder is to be. */
  readonly below?: string;
}

/** What stands round the ports: faults, crashes. */
export interface Layers {
  readonly store?: (store: ObjectStore, region: string) => ObjectStore;
  readonly log?: (log: EventLog) => EventLog;
  /** Has the saga of GDPR requests run too, and the deletion rule every hour. It looks about twice a second: an hour takes its time. */
  readonly withSaga?: boolean;
  /** Done records of a caller leave the log so long after it took them; 20 h unless told. */
  readonly trimAfterMs?: number | undefined;
  /** Takes everything that the services log; nothing is logged unless told. */
  readonly logLines?: { write(line: string): void };
}

export interface Running {
  readonly log: EventLog;
  readonly mwi: MwiStore;
  readonly tenants: TenantDirectory;
  readonly ledgers: Ledgers;
  readonly consumer: DepositConsumer;
  /** The deployment's own store. */
  readonly deployment: ObjectStore;
  /** Everything that is in the log is stored, announced and counted; what is due later waits. */
  settle(): Promise<void>;
  /** What is done from time to time: what is over leaves the log, and the volumes. */
  tidy(): Promise<void>;
  stop(): Promise<void>;
}

export async function openDeployment(options: DeploymentOptions = {}): Promise<Deployment> {
  const { tenants = [FIRST_TENANT], below = tmpdir() } = options;
  const folder = await mkdtemp(join(below, 'voicemail-deployment-'));
  const clock = deploymentClock();
  await mkdir(join(folder, 'regions'), { recursive: true });
  await writeFile(
    join(folder, 'tenants.json'),
    JSON.stringify(tenants.map((name, index) => tenantOf(folder, name, index))),
  );
  let unstopped: Running | null = null;
  const run = async (layers: Layers): Promise<Running> => {
    const running = await runIn(folder, clock, layers);
    const stop = async (): Promise<void> => {
      unstopped = null;
      await running.stop();
    };
    return (unstopped = { ...running, stop });
  };
  return {
    folder,
    clock,
    run: (layers = {}) => run(layers),
    remove: async () => {
      // A test that failed has stopped nothing, and what goes on holds the servers that the next one gets.
      await unstopped?.stop();
      clock[Symbol.dispose]();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function tenantOf(folder: string, name: string, index: number): object {
  const roots = join(folder, 'regions', ...(name === FIRST_TENANT ? [] : [name]));
  const storage = (region: string) => ({ interface: 'FileSystem', root: join(roots, region) });
  return {
    name,
    tenant_id: name,
    tenant_uuid: `${TENANT_UUID.slice(0, -1)}${index}`,
    status: 'ACTIVE',
    default_country: 'US',
    access_number: '5555',
    sip_domain: 'voice.example.com',
    master_region: REGIONS[0],
    regions: REGIONS.map((region) => ({ name: region, storage: storage(region) })),
  };
}

async function runIn(folder: string, clock: ManualClock, layers: Layers): Promise<Running> {
  const ids = systemIds();
  const { logLines, trimAfterMs, withSaga = false } = layers;
  const logger =
    logLines === undefined
      ? createLogger({ level: 'silent', name: 'test' })
      : createLogger({ level: 'trace', name: 'test', destination: logLines, clock });
  const metrics = createMetrics();
  const topics = [
    ...topicCatalogue({ deposits: [DEPOSIT_CONSUMER_GROUP], gdprRequests: [GDPR_SAGA_GROUP] }),
    ...depositConsumerTopics(),
  ];
  const trimmed = topics.map((topic) => trimmedAfter(topic, trimAfterMs));
  const { log: opened, mwi } = await openBackbone({ folder, topics: trimmed, clock, ids });
  const log = layers.log?.(opened) ?? opened;
  const volumes: FileSystemStore[] = [];
  const open = async (root: string, region: string): Promise<ObjectStore> => {
    const store = await openFileSystemStore({ root, region, clock, ids });
    volumes.push(store);
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
  const ledgers = createLedgers(clock);
  const consumer = createDepositConsumer({
    log,
    tenants,
    ledgers,
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
  const parts = { log, ledgers, clock, ids, logger, metrics };
  const gdpr = createGdpr({ ...parts, holder: 'this-deployment', hardDeadlineMs: HARD_DEADLINE_MS });
  const saga = withSaga
    ? createGdprSaga({ ...parts, gdpr, tenants, deployment, schedule: scheduleOf(EVERY_HOUR) })
    : null;
  await consumer.start();
  await projector.start();
  await saga?.start();
  return {
    log,
    mwi,
    tenants,
    ledgers,
    consumer,
    deployment,
    settle: async () => {
      await consumer.idle();
      await saga?.idle();
      await projector.idle();
    },
    tidy: async () => {
      await opened.clean();
      const { signal } = new AbortController();
      for (const volume of volumes) await volume.sweep(signal);
    },
    stop: async () => {
      tenants.stop();
      await saga?.stop(0);
      await consumer.stop(0);
      await projector.stop(0);
      await mwi.close();
      await opened.close();
    },
  };
}

const trimmedAfter = (topic: TopicSettings, afterMs: number | undefined): TopicSettings =>
  topic.cleanup.kind === 'trim' && afterMs !== undefined ? { ...topic, cleanup: { ...topic.cleanup, afterMs } } : topic;

function scheduleOf(expression: string): Schedule {
  const schedule = readSchedule(expression);
  if (typeof schedule === 'string') throw new TypeError(schedule);
  return schedule;
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
