import type { Tenant } from '@voicemail/contracts';
import type { TenantDirectory } from '@voicemail/message-store';
import type { Health } from '@voicemail/runtime';
import type { RegionStores } from './region-stores.ts';

/** Adds what each tenant needs to be served to `/readyz`, also of tenants that come while the process runs. */
export interface TenantChecks {
  /** Repeats are fine; a region that the tenants' file no longer has is no longer looked at. */
  add(tenant: Tenant): void;
}

/** @param directory null until it is open: its tenants are added while it opens. */
export function tenantChecks(
  health: Health,
  stores: Pick<RegionStores, 'gates'>,
  directory: () => TenantDirectory | null,
): TenantChecks {
  const added = new Set<string>();
  const once = (name: string, check: () => Promise<void>): void => {
    if (added.has(name)) return;
    added.add(name);
    health.add(name, check);
  };
  return {
    add: ({ tenantId, regions }) => {
      once(`caller-hash key ${tenantId}`, async () => {
        if (directory()?.byId(tenantId) !== undefined) await stores.gates().get(tenantId)?.verify();
      });
      for (const { name } of regions) {
        once(`region ${tenantId}/${name}`, async () => {
          const served = directory()?.byId(tenantId)?.stores.regions;
          await served?.find((region) => region.name === name)?.store.check();
        });
      }
    },
  };
}
