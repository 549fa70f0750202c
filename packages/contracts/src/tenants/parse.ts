import { z } from 'zod';
import { check, childPath, type Fault } from '../fault.ts';
import { crossCheckTenants } from './cross-checks.ts';
import { InvalidTenants } from './invalid-tenants.ts';
import { storageOf, type Storage } from './storage.ts';
import { TenantEntry, type Region, type Tenant } from './tenant.ts';

const MAX_TENANTS = 10_000;
const Tenants = z.array(TenantEntry).max(MAX_TENANTS);

/** The deployment's own region, for entries that have just the chart's four fields (`DEFAULT_REGION`, `STORAGE_*`). */
export interface TenantDefaults {
  readonly region?: string;
  readonly storage?: Storage;
}

/**
 * Reads `tenants.json` (CONTRACT section 2).
 * @param json the file's content, parsed.
 * @throws InvalidTenants with every fault.
 */
export function parseTenants(json: unknown, defaults: TenantDefaults): readonly Tenant[] {
  const checked = check(Tenants, json);
  const fieldFaults = checked.ok ? [] : checked.faults.map(sayWhereSecretsBelong);
  const ownRegion = regionOf(defaults);
  const faults = [
    ...fieldFaults,
    ...crossCheckTenants(json, ownRegion),
    ...(ownRegion === undefined ? needRegions(json) : []),
  ];
  if (!checked.ok || faults.length > 0) throw new InvalidTenants(distinct(faults));
  return checked.value.map((entry) => tenantOf(entry, ownRegion));
}

function regionOf({ region, storage }: TenantDefaults): Region | undefined {
  return region === undefined || storage === undefined ? undefined : { name: region, storage };
}

function needRegions(json: unknown): readonly Fault[] {
  if (!Array.isArray(json)) return [];
  const message = 'is missing, and the deployment has no DEFAULT_REGION with a STORAGE_INTERFACE';
  return json.flatMap((entry: unknown, index) =>
    typeof entry === 'object' && entry !== null && !('regions' in entry)
      ? [{ path: childPath(childPath('', index), 'regions'), message }]
      : [],
  );
}

function tenantOf(entry: TenantEntry, ownRegion: Region | undefined): Tenant {
  const regions = entry.regions?.map(({ name, storage }) => ({ name, storage: storageOf(storage) }));
  const served = regions ?? (ownRegion === undefined ? [] : [ownRegion]);
  const masterRegion = entry.master_region ?? ownRegion?.name;
  if (masterRegion === undefined) throw new TypeError('a checked entry has a master region');
  return {
    name: entry.name,
    tenantId: entry.tenant_id,
    tenantUuid: entry.tenant_uuid,
    status: entry.status,
    defaultCountry: entry.default_country,
    formerDefaultCountries: entry.former_default_countries,
    accessNumber: entry.access_number,
    sipDomain: entry.sip_domain ?? null,
    masterRegion,
    regions: served,
  };
}

/** Fields that would hold a secret itself, with what takes their place. */
const SECRET_FIELDS: ReadonlyMap<string, string> = new Map([
  ['connection_string', 'connection_string_file'],
  ['account_key', 'account_key_file'],
  ['sas', 'sas_file'],
  ['sas_token', 'sas_file'],
  ['access_key', 'credentials_file'],
  ['access_key_id', 'credentials_file'],
  ['secret_key', 'credentials_file'],
  ['secret_access_key', 'credentials_file'],
  ['credentials', 'credentials_file'],
]);

function sayWhereSecretsBelong(fault: Fault): Fault {
  const instead = SECRET_FIELDS.get(fault.path.split('.').at(-1)?.toLowerCase() ?? '');
  if (instead === undefined) return fault;
  return { ...fault, message: `must not be in this file: secrets are read from files, name one with ${instead}` };
}

/** One fault a place and message: the first of them says it. */
function distinct(faults: readonly Fault[]): readonly Fault[] {
  return faults.filter((fault, index) => faults.findIndex(({ path }) => path === fault.path) === index);
}
