import { expect, test } from 'vitest';
import { checkTenantsChange } from './check-change.ts';
import { parseTenants } from './parse.ts';
import type { Tenant } from './tenant.ts';

const [TENANT] = parseTenants(
  [{ name: 't100', tenant_id: 't100', tenant_uuid: '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d', status: 'ACTIVE' }],
  { region: 'westus2', storage: { interface: 'FileSystem', root: '/data' } },
);
if (TENANT === undefined) throw new Error('one tenant was parsed');
const tenant: Tenant = { ...TENANT, formerDefaultCountries: ['GB'] };

const pathsOf = (before: readonly Tenant[], after: readonly Tenant[]): readonly string[] =>
  checkTenantsChange(before, after).map(({ path }) => path);

test('tenants may come, go, change their status and their words', () => {
  const other = { ...tenant, tenantId: 't200', tenantUuid: '00000000-4067-11e9-8bad-9b1deb4d3b7d' };
  expect(pathsOf([tenant], [other, { ...tenant, status: 'SUSPENDED', accessNumber: '1', name: 'new' }])).toEqual([]);
  expect(pathsOf([tenant, other], [])).toEqual([]);
});

test('a default country changes only where the old one stays among the former ones', () => {
  expect(pathsOf([tenant], [{ ...tenant, defaultCountry: 'DE' }])).toEqual(['[0].former_default_countries']);
  const named = { ...tenant, defaultCountry: 'DE', formerDefaultCountries: ['US', 'GB'] };
  expect(pathsOf([tenant], [named])).toEqual([]);
  expect(pathsOf([named], [{ ...named, defaultCountry: 'US', formerDefaultCountries: ['DE', 'GB'] }])).toEqual([]);
});

test('a former country stays on the list, for numbers are stored under it', () => {
  expect(checkTenantsChange([tenant], [{ ...tenant, formerDefaultCountries: [] }])).toEqual([
    { path: '[0].former_default_countries', message: 'must list GB: numbers were stored under it' },
  ]);
});

test('a tenant keeps its UUID, its id and its master region', () => {
  const uuid = '00000000-4067-11e9-8bad-9b1deb4d3b7d';
  expect(pathsOf([tenant], [{ ...tenant, tenantUuid: uuid }])).toEqual(['[0].tenant_uuid']);
  expect(pathsOf([tenant], [{ ...tenant, tenantId: 't200' }])).toEqual(['[0].tenant_id']);
  expect(pathsOf([tenant], [{ ...tenant, masterRegion: 'other' }])).toEqual(['[0].master_region']);
});
