import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topicCatalogue } from '@voicemail/contracts';
import { openSqliteLog, withAppend, type EventLog, type LogRecord } from '@voicemail/event-log';
import { createGdpr, type Gdpr } from '@voicemail/gdpr';
import {
  callerHashes,
  createLedgers,
  openTenantDirectory,
  type TenantDirectory,
  type TenantStores,
} from '@voicemail/message-store';
import { openSqliteMwiStore, type MwiStore } from '@voicemail/mwi-store';
import { callsUnderWay, openFileSystemStore, type ObjectStore } from '@voicemail/object-store';
import {
  createHealth,
  createLogger,
  createMetrics,
  manualClock,
  systemIds,
  whileTimePasses,
  type Health,
  type ManualClock,
} from '@voicemail/runtime';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { createApi, type Api } from '../create-api.ts';

export const START = Date.parse('2026-03-02T10:00:00.000Z');
const TOKEN = 'the-token';
const REGIONS = ['westus2', 'westeurope'];
const TENANTS_POLL_MS = 2_000;
const STEP_MS = 5;

/** A call without a socket, with the token unless told; a body that is not text or bytes is sent as JSON. */
export interface Call {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** null: none is sent. */
  readonly token?: string | null;
}

/** What stands round the ports: faults. */
export interface Layers {
  readonly store?: (store: ObjectStore, region: string) => ObjectStore;
  readonly append?: EventLog['append'];
}

/** An API on real stores, log and counts in a folder of its own. Nobody consumes what it appends but the test. */
export interface World {
  readonly api: Api;
  readonly log: EventLog;
  readonly mwi: MwiStore;
  readonly tenants: TenantDirectory;
  /** Those of t100, which the token is for. */
  readonly stores: TenantStores;
  readonly gdpr: Gdpr;
  readonly deployment: ObjectStore;
  readonly clock: ManualClock;
  readonly health: Health;
  readonly token: string;
  /** Everything that was logged, a line each. */
  readonly logged: readonly string[];
  call(method: NonNullable<InjectOptions['method']>, path: string, call?: Call): Promise<LightMyRequestResponse>;
  /** Lets time pass until something that waits for it is over. @param between is done again and again meanwhile. */
  whileTimePasses<T>(waiting: Promise<T>, between?: () => Promise<void>): Promise<T>;
  /** Every record of a topic. */
  records(topic: string): Promise<readonly LogRecord[]>;
  suspend(): Promise<void>;
  listen(): Promise<URL>;
  close(): Promise<void>;
}

export async function openWorld(layers: Layers = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'voicemail-api-'));
  const clock = manualClock(START);
  const busy = callsUnderWay();
  const ids = systemIds();
  const logged: string[] = [];
  const logger = createLogger({
    level: 'debug',
    name: 'api',
    clock,
    destination: { write: (line) => void logged.push(line) },
  });
  const open = async (name: string): Promise<ObjectStore> => {
    const store = await openFileSystemStore({ root: join(folder, name), region: name, clock, ids });
    const counted = busy.layer(store);
    return layers.store?.(counted, name) ?? counted;
  };
  const file = join(folder, 'tenants.json');
  const writeTenants = (status: string): Promise<void> =>
    writeFile(file, JSON.stringify([tenant('t100', folder, status), tenant('t200', folder, 'ACTIVE')]));
  await writeTenants('ACTIVE');
  const opened = await openSqliteLog({
    file: join(folder, 'log.sqlite'),
    topics: topicCatalogue({ deposits: ['deposit-consumer'], gdprRequests: [] }),
    clock,
    ids,
  });
  const log = layers.append === undefined ? opened : withAppend(opened, layers.append);
  const mwi = await openSqliteMwiStore({ file: join(folder, 'mwi.sqlite'), clock, ids });
  const tenants = await openTenantDirectory({
    file,
    defaults: {},
    openStore: (owner, region) => open(`${owner.tenantId}-${region.name}`),
    hashes: callerHashes(Buffer.alloc(32, 7).toString('base64')),
    clock,
    logger,
    memory: { read: async () => null, write: async () => undefined },
  });
  const deployment = await open('deployment');
  const health = createHealth({ clock, checkTimeoutMs: 1_000 });
  const [ledgers, metrics] = [createLedgers(clock), createMetrics()];
  const hardDeadlineMs = 7 * 86_400_000;
  const gdpr = createGdpr({ log, ledgers, clock, ids, logger, metrics, holder: 'api', hardDeadlineMs });
  const common = { log, mwi, tenants, ledgers, gdpr, deployment, clock, ids, logger, health };
  const api = await createApi({ ...common, metrics, token: TOKEN, version: '1.2.3' });
  const stores = tenants.byId('t100')?.stores;
  if (stores === undefined) throw new Error('the tenant is not served');

  const passing = { stepMs: STEP_MS, isBusy: () => busy.count() > 0 };
  const passes: World['whileTimePasses'] = (waiting, between) =>
    whileTimePasses(clock, waiting, { ...passing, ...(between === undefined ? {} : { between }) });
  return {
    api,
    log,
    mwi,
    tenants,
    stores,
    gdpr,
    deployment,
    clock,
    health,
    token: TOKEN,
    logged,
    whileTimePasses: passes,
    call: (method, path, { headers = {}, body, token = TOKEN } = {}) => {
      const isRaw = body === undefined || typeof body === 'string' || Buffer.isBuffer(body);
      return api.inject({
        method,
        url: path,
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(isRaw ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: isRaw ? body : JSON.stringify(body) }),
      });
    },
    records: (topic) => Array.fromAsync(opened.read(topic)),
    suspend: async () => {
      await writeTenants('SUSPENDED');
      while (tenants.byId('t100')?.tenant.status !== 'SUSPENDED') await clock.advance(TENANTS_POLL_MS);
    },
    listen: async () => new URL(await api.listen({ host: '127.0.0.1', port: 0 })),
    close: async () => {
      tenants.stop();
      await passes(api.close());
      await mwi.close();
      await opened.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function tenant(id: string, folder: string, status: string): object {
  return {
    name: id,
    tenant_id: id,
    tenant_uuid: `2c5ea4c0-4067-11e9-8bad-00000000${id === 't100' ? '0100' : '0200'}`,
    status,
    default_country: 'US',
    access_number: '5555',
    sip_domain: 'voice.example.com',
    master_region: 'westus2',
    regions: REGIONS.map((name) => ({
      name,
      storage: { interface: 'FileSystem', root: join(folder, `${id}-${name}`) },
    })),
  };
}
