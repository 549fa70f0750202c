import { createDepositConsumer } from '@voicemail/deposit-consumer';
import { createGdpr } from '@voicemail/gdpr';
import { createGdprSaga } from '@voicemail/gdpr-saga';
import { callerHashes, createLedgers, openTenantDirectory, type TenantDirectory } from '@voicemail/message-store';
import { createProjector, messageRecount } from '@voicemail/mwi-projector';
import type { MwiStore } from '@voicemail/mwi-store';
import {
  createHealth,
  createMetrics,
  version,
  type Clock,
  type Health,
  type Ids,
  type Logger,
  type Shutdown,
} from '@voicemail/runtime';
import { createApi, createHealthServer, type Api } from '@voicemail/api';
import type { Config } from '../config.ts';
import { SERVICE_NAMES, type ServiceName } from '../service-names.ts';
import { distributedBackbone } from '../distributed/backbone.ts';
import { embeddedBackbone } from '../embedded/backbone.ts';
import { tenantChecks } from '../regions/health-checks.ts';
import { startMaintenance } from './maintenance.ts';
import { writeOwner } from '../embedded/owner.ts';
import { failedWith } from '../data-folder/private-file.ts';
import { regionStores } from '../regions/region-stores.ts';
import { remembered } from '../regions/remembered.ts';
import { SetupFault } from '../setup-fault.ts';
import { projectedTenants } from './projected-tenants.ts';
import { readTenants, tenantDefaults } from '../tenants-file.ts';
import { everyTopic } from './topics.ts';
import { tracedLog } from './traced-log.ts';
import { verifyCallerHashKeys } from '../regions/verify-keys.ts';

/** A check that took longer has failed: `/readyz` answers while a volume hangs. */
const CHECK_TIMEOUT_MS = 3_000;
/** What a service leaves of its time to the steps after it. */
const STOP_MARGIN_MS = 500;
/** Calls under way and records in flight are waited for this long each, so that all steps fit into the stop's bound. */
const STOP_SERVICE_MS = 2_500;

export interface ServicesOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** What the process is doing, for others that find the data folder in use. */
  readonly command: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** Which services this process runs; every one unless told. */
  readonly services?: readonly ServiceName[];
  /** Whether other commands may use the server: not the one of a command that ends as soon as its own work is done. */
  readonly isShared: boolean;
  /** Told of each thing that was opened: what was opened last is closed first. */
  readonly stops: Pick<Shutdown, 'add'>;
}

/** Everything in one process: on a data folder of its own, or on Kafka and Redis, beside other processes. */
export interface Services {
  readonly url: string;
  /** null: none was set, and nobody gets in with one. */
  readonly token: string | null;
  readonly health: Health;
  /** Resolves when everything in the log is stored, announced and counted; what waits for a later time stays. */
  settle(): Promise<void>;
}

/**
 * Opens the data folder, or goes to Kafka and Redis, and starts every service.
 * @throws DataFolderInUse; SetupFault, InvalidTenants, InvalidCallerHashKey, CallerHashKeyMismatch, WrongMasterRegion: to be put right by a person.
 */
export async function openServices(options: ServicesOptions): Promise<Services> {
  const { config, clock, ids, logger, stops, services = SERVICE_NAMES } = options;
  const runs = (name: ServiceName): boolean => services.includes(name);
  const { distributed } = config;
  const topics = everyTopic();
  const backbone = await (distributed === null
    ? embeddedBackbone({ ...options, topics })
    : distributedBackbone({ ...options, topics, distributed }));
  const { token } = backbone;
  const log = tracedLog(backbone.log, logger);
  const hashes = callerHashes(backbone.callerHashKey);
  await readTenants(config);

  const metrics = createMetrics({ ofProcess: true });
  const health = createHealth({ clock, checkTimeoutMs: CHECK_TIMEOUT_MS });
  health.add('log', () => log.check());

  let mwi: MwiStore | null = null;
  if (runs('mwi-projector') || runs('api')) {
    const counts = await backbone.openMwi();
    mwi = counts;
    stops.add('mwi store', () => counts.close());
    if (distributed !== null) health.add('counts', () => counts.check());
  }

  let directory: TenantDirectory | null = null;
  const stores = regionStores({ config, hashes, clock, ids, logger, metrics }, (id) => directory?.byId(id));
  stops.add('region stores', () => stores.close());
  const checks = tenantChecks(health, stores, () => directory);
  const tenants = await openTenantDirectory({
    file: config.tenantsFile,
    defaults: tenantDefaults(config),
    openStore: (tenant, region) => {
      checks.add(tenant);
      return stores.open(tenant, region);
    },
    closeStore: (tenant, region) => stores.release(tenant, region),
    hashes,
    clock,
    logger,
    memory: remembered(config.data.seen, 'countries of the tenants', ids),
  });
  directory = tenants;
  stops.add('tenants', async () => tenants.stop());
  health.add('tenants', () => tenants.check());
  await verifyCallerHashKeys(stores.gates(), logger);
  const deployment = await stores.openDeployment();
  health.add('deployment store', () => deployment.check());

  const ledgers = createLedgers(clock, (error) =>
    logger.warn({ err: error }, 'entries of a ledger could not be put together for the next start'),
  );
  // A process that owns its data folder is the only one of its deployment: it has its leases again at once after a restart.
  const holder = distributed === null ? `embedded-${hashes.keyId}` : ids.uuid();
  const { forgetHardDeadlineMs: hardDeadlineMs } = config;
  const gdpr = createGdpr({ log, ledgers, clock, ids, logger, metrics, holder, hardDeadlineMs });

  const started: { idle(): Promise<void> }[] = [];
  if (mwi !== null && runs('mwi-projector')) {
    const projector = createProjector({
      log,
      mwi,
      messages: messageRecount(tenants),
      tenants: projectedTenants(tenants),
      clock,
      ids,
      logger,
      metrics,
    });
    for (const { name, check } of projector.checks) health.add(name, check);
    await projector.start();
    stops.add('mwi projector', (graceMs) => projector.stop(lessMargin(graceMs)), { limitMs: STOP_SERVICE_MS });
    started.push(projector);
  }

  if (runs('deposit-consumer')) {
    const consumer = createDepositConsumer({ log, tenants, ledgers, deployment, clock, ids, logger, metrics });
    await consumer.start();
    stops.add('deposit consumer', (graceMs) => consumer.stop(lessMargin(graceMs)), { limitMs: STOP_SERVICE_MS });
    started.unshift(consumer);

    const maintenance = startMaintenance({ log, stores, clock, logger });
    stops.add('maintenance', () => maintenance.stop());
  }

  if (runs('gdpr-saga')) {
    const schedule = config.forgetSchedule;
    const saga = createGdprSaga({ log, tenants, deployment, gdpr, schedule, clock, ids, logger, metrics });
    await saga.start();
    stops.add('gdpr saga', (graceMs) => saga.stop(lessMargin(graceMs)), { limitMs: STOP_SERVICE_MS });
    started.unshift(saga);
  }

  const serving = {
    log,
    tenants,
    ledgers,
    gdpr,
    deployment,
    clock,
    ids,
    logger,
    metrics,
    health,
    token,
    version: version(),
  };
  const api = await (mwi !== null && runs('api') ? createApi({ ...serving, mwi }) : createHealthServer(serving));
  const url = await listen(api, options.listen);
  stops.add('api', (graceMs) => closeApi(api, clock, lessMargin(graceMs)), { limitMs: STOP_SERVICE_MS });
  if (options.isShared && distributed === null) {
    await writeOwner(config.data, { pid: process.pid, command: options.command, url }, ids);
  }
  return {
    url,
    token,
    health,
    settle: async () => {
      for (const service of started) await service.idle();
    },
  };
}

/** @throws SetupFault where another program has the port, or the system does not give it. */
async function listen(api: Api, { host, port }: ServicesOptions['listen']): Promise<string> {
  try {
    return reachable(await api.listen({ host, port }));
  } catch (error) {
    if (failedWith(error, 'EADDRINUSE')) {
      throw new SetupFault(`Another program has port ${port} on ${host}: stop that one, or set PORT to another.`, {
        cause: error,
      });
    }
    if (!failedWith(error, 'EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND')) throw error;
    throw new SetupFault(`The system does not let this process listen on port ${port} of ${host}: set HOST and PORT.`, {
      cause: error,
    });
  }
}

/** Takes no new call and waits for those under way; one that takes longer, such as a client that reads slowly, is cut off. */
async function closeApi(api: Api, clock: Clock, graceMs: number): Promise<void> {
  const closed = new AbortController();
  const cut = clock.sleep(graceMs, closed.signal).then(
    () => api.app.server.closeAllConnections(),
    // Only the abort below ends the sleep early: then nobody is left to be cut off.
    () => undefined,
  );
  await api.close();
  closed.abort();
  await cut;
}

/** Where a client on this machine gets to a server that listens on every address. */
function reachable(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  const loopback = { '0.0.0.0': '127.0.0.1', '[::]': '[::1]' }[hostname];
  return `${protocol}//${loopback ?? hostname}:${port}`;
}

const lessMargin = (graceMs: number): number => Math.max(0, graceMs - STOP_MARGIN_MS);
