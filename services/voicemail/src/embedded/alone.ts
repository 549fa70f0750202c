import type { Tenant } from '@voicemail/contracts';
import { callerHashes, type TenantStores } from '@voicemail/message-store';
import { createLogger, createMetrics } from '@voicemail/runtime';
import type { CommandContext } from '../command-context.ts';
import { stopList } from '../server/stop-list.ts';
import { firstStart } from './first-start.ts';
import { ownDataFolder } from './own.ts';
import { regionStores } from '../regions/region-stores.ts';
import { readTenants } from '../tenants-file.ts';
import { everyTopic } from '../server/topics.ts';
import { masterMemory } from '../regions/verified-master.ts';

const STOP_MS = 9_000;

/** The stores of a data folder that nobody else uses: no service runs, and none can be started meanwhile. */
export interface Alone {
  readonly tenants: readonly Tenant[];
  /** A tenant's stores as the tenants' file has them. Nobody has looked yet whether that is right. */
  open(tenant: Tenant): Promise<TenantStores>;
  /** That another region is the tenant's master now: none is believed before it was looked at. */
  forgetMaster(tenantId: string): Promise<void>;
}

/**
 * Owns the data folder for the time of one command, without the services.
 * @throws DataFolderInUse; SetupFault, InvalidTenants, InvalidCallerHashKey: to be put right by a person.
 */
export async function withStoresAlone<T>(
  { config, clock, ids, terminal, command }: CommandContext,
  work: (alone: Alone) => Promise<T>,
): Promise<T> {
  const stops = stopList(clock);
  const destination = { write: (line: string) => terminal.error(line) };
  const logger = createLogger({ level: 'error', name: 'voicemail', clock, destination });
  try {
    await ownDataFolder({ config, clock, ids, command, stops, topics: everyTopic() });
    const { callerHashKey } = await firstStart(config, ids);
    const hashes = callerHashes(callerHashKey);
    const tenants = await readTenants(config);
    const stores = regionStores(
      { config, hashes, clock, ids, logger, metrics: createMetrics() },
      // No service runs: what is opened is looked at by the command itself.
      () => undefined,
    );
    stops.add('region stores', () => stores.close());
    return await work({
      tenants,
      open: async (tenant) => {
        const { tenantId, defaultCountry, formerDefaultCountries, masterRegion } = tenant;
        const opened = await Promise.all(
          tenant.regions.map(async (region) => ({
            name: region.name,
            store: await stores.openUnguarded(tenant, region),
          })),
        );
        const regions = opened.toSorted((a, b) => Number(b.name === masterRegion) - Number(a.name === masterRegion));
        const [master] = regions;
        if (master === undefined) throw new TypeError('a checked tenant has a master region');
        return { tenant: tenantId, defaultCountry, formerDefaultCountries, master, regions, hashes };
      },
      forgetMaster: (tenantId) => masterMemory(config.data, tenantId, ids).forget(),
    });
  } finally {
    await stops.stopAll(STOP_MS);
  }
}
