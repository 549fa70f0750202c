import type { ProjectedTenant } from './recount-source.ts';

/** The tenants that are served now, found by their ids. */
export interface TenantList {
  all(): readonly ProjectedTenant[];
  find(tenantId: string): ProjectedTenant | undefined;
}

/** @param tenants gives the same list until something changed; the index is made anew only then. */
export function tenantList(tenants: () => readonly ProjectedTenant[]): TenantList {
  let indexed: readonly ProjectedTenant[] | undefined;
  let byId = new Map<string, ProjectedTenant>();
  return {
    all: tenants,
    find: (tenantId) => {
      const list = tenants();
      if (list !== indexed) {
        byId = new Map(list.map((tenant) => [tenant.tenantId, tenant]));
        indexed = list;
      }
      return byId.get(tenantId);
    },
  };
}
