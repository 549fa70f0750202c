import { Refusal, type TenantDirectory, type TenantStores } from '@voicemail/message-store';

/** The stores of an event's tenant. @throws Refusal `unknown-tenant`, `tenant-suspended`. */
export function servedTenant(tenants: TenantDirectory, tenantId: string): TenantStores {
  const served = tenants.byId(tenantId);
  if (served === undefined) throw new Refusal('unknown-tenant', 'no tenant of this deployment has this id');
  if (served.tenant.status === 'SUSPENDED') throw new Refusal('tenant-suspended', 'the tenant is suspended');
  return served.stores;
}
