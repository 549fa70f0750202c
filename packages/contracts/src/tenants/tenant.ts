import { isCountry } from '@voicemail/domain';
import { z } from 'zod';
import { region, tenant } from '../data/fields.ts';
import { StorageEntry, type Storage } from './storage.ts';

const MAX_REGIONS = 64;
const MAX_FORMER_COUNTRIES = 32;
/** The first segments of keys that belong to no tenant. */
const RESERVED_IDS = ['staging', 'dead-letters'];

const country = z.string().refine(isCountry, 'must be a country: two capital letters of ISO 3166-1, such as US');

/** An entry of `tenants.json` as it is written (CONTRACT section 2). Unknown fields are refused: a misspelt one must not be lost. */
export const TenantEntry = z.strictObject({
  name: z.string().trim().min(1).max(128),
  tenant_id: tenant.refine(
    (id) => !RESERVED_IDS.includes(id),
    `must not be ${RESERVED_IDS.join(' or ')}: keys begin so`,
  ),
  tenant_uuid: z.guid().toLowerCase(),
  status: z.enum(['INIT', 'ACTIVE', 'SUSPENDED']),
  default_country: country.default('US'),
  former_default_countries: z.array(country).max(MAX_FORMER_COUNTRIES).default([]),
  access_number: z
    .string()
    .regex(/^[0-9*#+]{1,32}$/, 'must be 1 to 32 digits, "*", "#" or "+"')
    .default('5555'),
  sip_domain: z
    .string()
    .max(253)
    .regex(
      /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/,
      'must be a domain name',
    )
    .nullish(),
  master_region: region.exactOptional(),
  regions: z
    .array(z.strictObject({ name: region, storage: StorageEntry }))
    .min(1)
    .max(MAX_REGIONS)
    .exactOptional(),
});
export type TenantEntry = z.output<typeof TenantEntry>;

export type TenantStatus = TenantEntry['status'];

/** A place with its own object store. */
export interface Region {
  readonly name: string;
  readonly storage: Storage;
}

/** One contact centre. */
export interface Tenant {
  readonly name: string;
  /** The `tenant` of events, and the first segment of its keys. */
  readonly tenantId: string;
  /** The `ccid` of access tokens; in lower case. */
  readonly tenantUuid: string;
  /** `INIT` and `ACTIVE` are served. */
  readonly status: TenantStatus;
  /** ISO 3166-1 alpha-2: how numbers without a `+` are read. */
  readonly defaultCountry: string;
  readonly formerDefaultCountries: readonly string[];
  /** What a user dials to listen to messages. */
  readonly accessNumber: string;
  readonly sipDomain: string | null;
  /** Holds all metadata; one of `regions`. */
  readonly masterRegion: string;
  readonly regions: readonly Region[];
}
