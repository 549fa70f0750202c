import { InvalidTenants, parseTenants, type Tenant, type TenantDefaults } from '@voicemail/contracts';
import type { Config } from './config.ts';
import { readText } from './data-folder/private-file.ts';
import { SetupFault } from './setup-fault.ts';

/** What an entry gets that names no region of its own (CONTRACT section 2). */
export function tenantDefaults({ defaultRegion }: Config): TenantDefaults {
  return defaultRegion === null ? {} : { region: defaultRegion.name, storage: defaultRegion.storage };
}

/**
 * Reads the tenants' file as a start would.
 * @throws InvalidTenants with every fault; SetupFault where there is no file.
 */
export async function readTenants(config: Config): Promise<readonly Tenant[]> {
  const text = await readText(config.tenantsFile);
  if (text === null) throw new SetupFault(`There is no tenants’ file ${config.tenantsFile}.`);
  return parseTenants(parseJson(text), tenantDefaults(config));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new InvalidTenants([{ path: '', message: 'the file is not JSON' }]);
  }
}
