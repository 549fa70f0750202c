import { resolve } from 'node:path';
import { InvalidTenants, parseTenants, type Region, type Tenant, type TenantDefaults } from '@voicemail/contracts';
import type { Config } from '../config.ts';
import { readText } from './private-file.ts';
import { SetupFault } from './setup-fault.ts';

/** What an entry gets that names no region of its own (CONTRACT section 2). */
export function tenantDefaults({ defaultRegion }: Config): TenantDefaults {
  if (defaultRegion === null) return {};
  const { name, root } = defaultRegion;
  return { region: name, storage: { interface: 'FileSystem', root } };
}

/**
 * Reads the tenants' file as a start would.
 * @throws InvalidTenants with every fault, also those of a storage that this version does not serve; SetupFault where there is no file.
 */
export async function readTenants(config: Config): Promise<readonly Tenant[]> {
  const text = await readText(config.tenantsFile);
  if (text === null) throw new SetupFault(`There is no tenants’ file ${config.tenantsFile}.`);
  const tenants = parseTenants(parseJson(text), tenantDefaults(config));
  const faults = tenants.flatMap(({ regions }, index) =>
    regions.flatMap(({ storage }, at) =>
      storage.interface === 'FileSystem'
        ? []
        : [notServed(`[${index}].regions[${at}].storage.interface`, storage.interface)],
    ),
  );
  if (faults.length > 0) throw new InvalidTenants(faults);
  return tenants;
}

/** Absolute path of the folder that a region's store is. A relative one is below the data folder. @throws InvalidTenants for another storage. */
export function rootOf(config: Config, tenant: Tenant, { name, storage }: Region): string {
  if (storage.interface === 'FileSystem') return resolve(config.data.root, storage.root);
  throw new InvalidTenants([notServed(`${tenant.tenantId}.${name}.storage.interface`, storage.interface)]);
}

const notServed = (path: string, name: string): { path: string; message: string } => ({
  path,
  message: `must be FileSystem: ${name} is not in this version`,
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new InvalidTenants([{ path: '', message: 'the file is not JSON' }]);
  }
}
