import type { TenantDirectory } from '@voicemail/message-store';
import type { Tenant } from '@voicemail/contracts';
import type { ProjectedTenant } from '@voicemail/mwi-projector';
import { CLOUD_RECONCILE_EVERY_MS } from '../limits.ts';

/** The tenants in force as the projector has them; the same list until they change. */
export function projectedTenants(directory: Pick<TenantDirectory, 'all'>): () => readonly ProjectedTenant[] {
  let served = directory.all();
  let projected = served.map(({ tenant }) => projectedTenant(tenant));
  return () => {
    if (directory.all() !== served) {
      served = directory.all();
      projected = served.map(({ tenant }) => projectedTenant(tenant));
    }
    return projected;
  };
}

function projectedTenant({ tenantId, sipDomain, masterRegion, regions }: Tenant): ProjectedTenant {
  const master = regions.find(({ name }) => name === masterRegion);
  const isBeyondNetwork = master !== undefined && master.storage.interface !== 'FileSystem';
  return { tenantId, sipDomain, ...(isBeyondNetwork ? { passIntervalMs: CLOUD_RECONCILE_EVERY_MS } : {}) };
}
