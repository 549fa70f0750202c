import type { Fault } from '../fault.ts';
import type { Tenant } from './tenant.ts';

/**
 * What a changed tenants' file may not change while it is served, because what is stored would not be found any more:
 * the UUID of a tenant or its id, its master region, and its default country without naming the old one.
 * @returns no fault for a change that may be taken up. Paths are those of the changed file.
 */
export function checkTenantsChange(before: readonly Tenant[], after: readonly Tenant[]): readonly Fault[] {
  return after.flatMap((tenant, index) => {
    const fault = (field: string, message: string): Fault => ({ path: `[${index}].${field}`, message });
    const same = before.find(({ tenantId }) => tenantId === tenant.tenantId);
    if (same === undefined) {
      const renamed = before.some(({ tenantUuid }) => tenantUuid === tenant.tenantUuid);
      return renamed ? [fault('tenant_id', 'must not change: what the tenant stored lies under its id')] : [];
    }
    return [
      ...(same.tenantUuid === tenant.tenantUuid
        ? []
        : [fault('tenant_uuid', 'must not change: it is the ccid of the tenant')]),
      ...(same.masterRegion === tenant.masterRegion
        ? []
        : [fault('master_region', 'must not change while it is served: copy the storage, then restart')]),
      ...lostCountries(same, tenant).map((country) =>
        fault('former_default_countries', `must list ${country}: numbers were stored under it`),
      ),
    ];
  });
}

/** Countries that numbers were stored under and that searches would no longer try. */
function lostCountries(before: Tenant, after: Tenant): readonly string[] {
  const searched = [after.defaultCountry, ...after.formerDefaultCountries];
  const stored = [before.defaultCountry, ...before.formerDefaultCountries];
  return [...new Set(stored)].filter((country) => !searched.includes(country));
}
