import type { Clock } from '@voicemail/runtime';
import type { ProjectedTenant } from './recount-source.ts';
import type { TenantList } from './tenant-list.ts';

/** Whom a pass of the reconciler is due for: each tenant by the interval that it has now. */
export interface DueTenants {
  isAny(): boolean;
  /** Those that are due; each is not due again before its interval has passed since its turn came. */
  take(): Iterable<ProjectedTenant>;
}

/** @param passIntervalMs of tenants that name none. */
export function dueTenants(
  tenants: Pick<TenantList, 'all' | 'find'>,
  clock: Pick<Clock, 'monotonicMs'>,
  passIntervalMs: number,
): DueTenants {
  const beganMs = new Map<string, number>();
  const isDue = (tenant: ProjectedTenant): boolean => {
    const began = beganMs.get(tenant.tenantId);
    return began === undefined || clock.monotonicMs() - began >= (tenant.passIntervalMs ?? passIntervalMs);
  };
  return {
    isAny: () => tenants.all().some(isDue),
    take: function* () {
      for (const tenantId of beganMs.keys()) if (tenants.find(tenantId) === undefined) beganMs.delete(tenantId);
      for (const tenant of tenants.all()) {
        if (!isDue(tenant)) continue;
        beganMs.set(tenant.tenantId, clock.monotonicMs());
        yield tenant;
      }
    },
  };
}
