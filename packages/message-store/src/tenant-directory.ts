import { readFile } from 'node:fs/promises';
import {
  checkTenantsChange,
  InvalidTenants,
  parseTenants,
  type Fault,
  type Region,
  type Tenant,
} from '@voicemail/contracts';
import type { ObjectStore } from '@voicemail/object-store';
import type { Clock, Logger } from '@voicemail/runtime';
import type { CallerHashes } from './caller-hash.ts';
import { seenCountries, type Memory } from './seen-countries.ts';
import type { TenantStores } from './tenant-stores.ts';

/** How often the file is read again; a change is in force well within the promised 30 s. */
const DEFAULT_POLL_MS = 2_000;

export interface ServedTenant {
  readonly tenant: Tenant;
  readonly stores: TenantStores;
}

/** The tenants in force, followed while the process runs. */
export interface TenantDirectory {
  all(): readonly ServedTenant[];
  byId(tenantId: string): ServedTenant | undefined;
  /** @param uuid the `ccid`. */
  byUuid(uuid: string): ServedTenant | undefined;
  /** Resolves unless the file as it is now was refused, or lists nobody. @throws InvalidTenants that says why. */
  check(): Promise<void>;
  stop(): void;
}

export interface TenantDirectoryOptions {
  readonly file: string;
  /** What an entry of the chart's four fields gets. */
  readonly defaults: Parameters<typeof parseTenants>[1];
  /** Opens a region's store; called once for each region and again where its storage changed. */
  readonly openStore: (tenant: Tenant, region: Region) => Promise<ObjectStore>;
  /**
   * Told of each region that a tenant in force no longer has, or has in another storage, and of each that was opened for a file that was
   * refused then: its store is asked nothing more.
   */
  readonly closeStore?: (tenant: Tenant, region: Region) => void;
  readonly hashes: CallerHashes;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Outlives the process: which countries were in force. */
  readonly memory: Memory;
  /** Between two looks at the file; 2 s unless told. */
  readonly pollMs?: number;
}

interface OpenedStore {
  readonly tenant: Tenant;
  readonly region: Region;
  readonly store: Promise<ObjectStore>;
}

/** Reads the tenants' file and follows it. @throws InvalidTenants when the file is faulty at the start, with every fault. */
export async function openTenantDirectory(options: TenantDirectoryOptions): Promise<TenantDirectory> {
  const stopping = new AbortController();
  const opened = new Map<string, OpenedStore>();
  const countries = await seenCountries(options.memory);
  /** Opens what is new. @throws InvalidTenants, and what stands stays in force. */
  const take = async (parsed: readonly Tenant[], before: readonly Tenant[]): Promise<ServedTenant[]> => {
    const faults = [...emptied(before, parsed), ...checkTenantsChange(before, parsed), ...countries.faults(parsed)];
    if (faults.length > 0) throw new InvalidTenants(faults);
    const served = await serve(options, opened, parsed);
    await countries.note(parsed);
    closeUnused(options, opened, parsed);
    return served;
  };
  let text = await readFile(options.file, 'utf8');
  let tenants = await take(readTenants(text, options.defaults), []);
  let refused: InvalidTenants | null = null;

  const poll = async (): Promise<void> => {
    const now = await readFile(options.file, 'utf8');
    if (now === text) return;
    try {
      tenants = await take(
        readTenants(now, options.defaults),
        tenants.map(({ tenant }) => tenant),
      );
      refused = null;
      options.logger.info({ tenants: tenants.length }, 'a changed tenants file is in force');
    } catch (error) {
      if (!(error instanceof InvalidTenants)) throw error;
      refused = error;
      closeUnused(
        options,
        opened,
        tenants.map(({ tenant }) => tenant),
      );
      options.logger.error(
        { faults: error.faults },
        'a changed tenants file was refused; the old tenants stay in force',
      );
    }
    // What failed for another reason than the file's is tried again at the next look.
    text = now;
  };
  const follow = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await options.clock.sleep(options.pollMs ?? DEFAULT_POLL_MS, stopping.signal);
      await poll().catch((error: unknown) =>
        options.logger.error({ err: error }, 'the tenants file could not be read'),
      );
    }
  };
  follow().catch((error: unknown) => {
    if (!stopping.signal.aborted) options.logger.error({ err: error }, 'the tenants file is followed no more');
  });

  return {
    all: () => tenants,
    byId: (tenantId) => tenants.find(({ tenant }) => tenant.tenantId === tenantId),
    byUuid: (uuid) => tenants.find(({ tenant }) => tenant.tenantUuid === uuid),
    check: async () => {
      if (refused !== null) throw refused;
      if (tenants.length === 0) throw new InvalidTenants([{ path: '', message: 'the file lists no tenant to serve' }]);
    },
    stop: () => stopping.abort(new Error('the directory was stopped')),
  };
}

/** A file that was cut short by whoever writes it lists nobody: it is not taken for a wish to serve nobody. */
const emptied = (before: readonly Tenant[], after: readonly Tenant[]): readonly Fault[] =>
  before.length > 0 && after.length === 0
    ? [{ path: '', message: 'must list a tenant: to serve none any more, stop the server' }]
    : [];

function readTenants(text: string, defaults: TenantDirectoryOptions['defaults']): readonly Tenant[] {
  try {
    return parseTenants(JSON.parse(text), defaults);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new InvalidTenants([{ path: '', message: `not JSON: ${error.message}` }]);
  }
}

function serve(
  options: TenantDirectoryOptions,
  opened: Map<string, OpenedStore>,
  tenants: readonly Tenant[],
): Promise<ServedTenant[]> {
  return Promise.all(tenants.map((tenant) => serveOne(options, opened, tenant)));
}

const nameOf = ({ tenantId }: Tenant, region: Region): string => JSON.stringify([tenantId, region]);

/** Lets go of the stores that the tenants now in force do not have. */
function closeUnused(
  { closeStore }: TenantDirectoryOptions,
  opened: Map<string, OpenedStore>,
  tenants: readonly Tenant[],
): void {
  const used = new Set(tenants.flatMap((tenant) => tenant.regions.map((region) => nameOf(tenant, region))));
  for (const [name, { tenant, region }] of opened) {
    if (used.has(name)) continue;
    opened.delete(name);
    closeStore?.(tenant, region);
  }
}

async function serveOne(
  options: TenantDirectoryOptions,
  opened: Map<string, OpenedStore>,
  tenant: Tenant,
): Promise<ServedTenant> {
  const regions = await Promise.all(
    tenant.regions.map(async (region) => {
      const name = nameOf(tenant, region);
      const store = opened.get(name)?.store ?? options.openStore(tenant, region);
      opened.set(name, { tenant, region, store });
      // What could not be opened is opened anew at the next look.
      store.catch(() => opened.delete(name));
      return { name: region.name, store: await store };
    }),
  );
  regions.sort((a, b) => Number(b.name === tenant.masterRegion) - Number(a.name === tenant.masterRegion));
  const [master] = regions;
  if (master === undefined) throw new InvalidTenants([{ path: tenant.tenantId, message: 'the tenant has no region' }]);
  const { defaultCountry, formerDefaultCountries } = tenant;
  const stores: TenantStores = {
    tenant: tenant.tenantId,
    defaultCountry,
    formerDefaultCountries,
    master,
    regions,
    hashes: options.hashes,
  };
  return { tenant, stores };
}
