import { callerHashes, verifyMaster, WrongMasterRegion } from '@voicemail/message-store';
import type { Tenant } from '@voicemail/contracts';
import type { ObjectStore } from '@voicemail/object-store';
import type { CommandContext } from '../command-context.ts';
import { readText } from '../data-folder/private-file.ts';
import { readTenants } from '../tenants-file.ts';
import { checkRegion } from './check-region.ts';
import { fine, look, wrong, type Finding } from './finding.ts';

/** The tenants' file, and every region's store by what it does to an object of its own. */
export async function checkStores(context: CommandContext): Promise<readonly Finding[]> {
  const { config } = context;
  const name = 'tenants';
  if ((await readText(config.tenantsFile)) === null) {
    return [fine(name, `${config.tenantsFile} is not there yet: the first start makes it`)];
  }
  let tenants: readonly Tenant[];
  try {
    tenants = await readTenants(config);
  } catch (error) {
    return [wrong(name, error instanceof Error ? error.message : String(error), `Put ${config.tenantsFile} right.`)];
  }
  const regions = await Promise.all(tenants.flatMap((tenant) => checkRegions(context, tenant)));
  return [
    fine(name, `${config.tenantsFile}: ${tenants.map(({ tenantId }) => tenantId).join(', ')}`),
    ...regions.flat(),
  ];
}

function checkRegions(context: CommandContext, tenant: Tenant): Promise<readonly Finding[]>[] {
  return tenant.regions.map((region) =>
    checkRegion(context, tenant, region, (store) => checkKey(context, tenant, store)),
  );
}

/** Whether the deployment's caller-hash key is the one that the tenant's entries were written under, in the region that has them. */
function checkKey({ config }: CommandContext, tenant: Tenant, store: ObjectStore): Promise<Finding> {
  const name = `caller-hash key ${tenant.tenantId}`;
  const path = config.callerHashKeyFile ?? config.data.callerHashKey;
  return look(name, `Put the key of this deployment into ${path}.`, async () => {
    const hashes = callerHashes((await readText(path)) ?? '');
    const { tenantId, defaultCountry, formerDefaultCountries } = tenant;
    const master = { name: tenant.masterRegion, store };
    const stores = { tenant: tenantId, defaultCountry, formerDefaultCountries, master, regions: [master], hashes };
    try {
      const isNoted = await verifyMaster(stores);
      return fine(name, isNoted ? 'is the one of what is stored' : 'nothing is stored under one yet');
    } catch (error) {
      if (!(error instanceof WrongMasterRegion)) throw error;
      return wrong(`master region ${tenantId}`, error.message, 'See docs/migration.md.');
    }
  });
}
