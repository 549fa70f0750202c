import { mkdir } from 'node:fs/promises';
import { parseTenants } from '@voicemail/contracts';
import { callerHashes, type ServedTenant, type TenantStores } from '@voicemail/message-store';
import { createLogger, createMetrics, systemClock, systemIds } from '@voicemail/runtime';
import { readVoicemailConfig } from '../../../services/voicemail/src/config.ts';
import { regionStores } from '../../../services/voicemail/src/regions/region-stores.ts';
import { CALLER_HASH_KEY, tenantEntry } from '../stored/parts.ts';

/** A tenant's stores as the server has them: the adapter in all of its layers. */
export interface OpenTenant extends AsyncDisposable {
  readonly stores: TenantStores;
}

/**
 * @param folder for what the server remembers of stores.
 * @param storage of the only region, as the tenants' file has it.
 */
export async function openTenant(folder: string, storage: object): Promise<OpenTenant> {
  const config = readVoicemailConfig({ DATA_DIR: folder });
  await mkdir(config.data.seen, { recursive: true });
  const hashes = callerHashes(CALLER_HASH_KEY);
  const logger = createLogger({ level: 'silent', name: 'bench' });
  let served: ServedTenant | undefined;
  const opened = regionStores(
    { config, hashes, clock: systemClock(), ids: systemIds(), logger, metrics: createMetrics() },
    () => served,
  );
  const [tenant] = parseTenants([tenantEntry(storage)], {});
  const [region] = tenant?.regions ?? [];
  if (tenant === undefined || region === undefined) throw new Error('there is one tenant, with one region');
  const master = { name: region.name, store: await opened.open(tenant, region) };
  const { tenantId, defaultCountry, formerDefaultCountries } = tenant;
  const stores = { tenant: tenantId, defaultCountry, formerDefaultCountries, master, regions: [master], hashes };
  served = { tenant, stores };
  // Looks whose the store is, and says whose from now on: no call that is measured has to.
  await master.store.check();
  return {
    stores,
    [Symbol.asyncDispose]: () => opened.close(),
  };
}
