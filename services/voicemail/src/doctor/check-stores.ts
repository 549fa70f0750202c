import { callerHashes, verifyCallerHashKey } from '@voicemail/message-store';
import type { Region, Tenant } from '@voicemail/contracts';
import { openFileSystemStore, type ObjectStore } from '@voicemail/object-store';
import type { CommandContext } from '../command-context.ts';
import { readText } from '../embedded/private-file.ts';
import { seenStore } from '../embedded/remembered.ts';
import { readTenants, rootOf } from '../embedded/tenants-file.ts';
import { fine, look, wrong, type Finding } from './finding.ts';

/** The tenants' file, and every region's store by writing, reading and deleting an object of its own. */
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
  return tenant.regions.map((region) => checkRegion(context, tenant, region));
}

async function checkRegion(context: CommandContext, tenant: Tenant, region: Region): Promise<readonly Finding[]> {
  const { config, clock, ids } = context;
  const name = `region ${tenant.tenantId}/${region.name}`;
  const root = rootOf(config, tenant, region);
  const advice = `Mount the volume at ${root}, and give this user the right to write there.`;
  const seen = seenStore(config.data, root, ids);
  if ((await seen.read()) === null) return [fine(name, `${root} was never used: the first start makes it`)];
  // What doctor sees, it does not remember: that is the owner's of the data folder.
  const seenIdentity = { read: () => seen.read(), write: async () => undefined };
  const store = await openFileSystemStore({ root, region: region.name, clock, ids, seenIdentity });
  const probed = await look(name, advice, async () => {
    await probe(store, `${tenant.tenantId}/probes/${ids.uuid()}`);
    return fine(name, `${root} takes, gives and removes objects`);
  });
  if (!probed.ok || region.name !== tenant.masterRegion) return [probed];
  return [probed, await checkKey(context, tenant, store)];
}

/** @throws StoreError, or Error where what comes back is not what was put. */
async function probe(store: ObjectStore, key: string): Promise<void> {
  const written = Buffer.from(key);
  await store.put(key, written, { contentType: 'text/plain', condition: { absent: true } });
  const reader = await store.get(key);
  const chunks: Uint8Array[] = [];
  if (reader !== null) for await (const chunk of reader.body) chunks.push(chunk);
  const isSame = Buffer.concat(chunks).equals(written);
  const wasThere = await store.delete(key);
  if (!isSame || !wasThere) throw new Error('an object that was just written did not come back');
}

/** Whether the deployment's caller-hash key is the one that the tenant's entries were written under. */
function checkKey({ config }: CommandContext, tenant: Tenant, store: ObjectStore): Promise<Finding> {
  const name = `caller-hash key ${tenant.tenantId}`;
  const path = config.callerHashKeyFile ?? config.data.callerHashKey;
  return look(name, `Put the key of this deployment into ${path}.`, async () => {
    const hashes = callerHashes((await readText(path)) ?? '');
    const { tenantId, defaultCountry, formerDefaultCountries } = tenant;
    const master = { name: tenant.masterRegion, store };
    await verifyCallerHashKey({
      tenant: tenantId,
      defaultCountry,
      formerDefaultCountries,
      master,
      regions: [master],
      hashes,
    });
    return fine(name, 'is the one of what is stored');
  });
}
