import { readRecord, TOPICS, type GdprRequestData } from '@voicemail/contracts';
import { firstTaken, type LogRecord } from '@voicemail/event-log';
import type { Gdpr } from '@voicemail/gdpr';
import { Refusal, type ServedTenant, type TenantDirectory } from '@voicemail/message-store';

/**
 * Takes a request of the topic in. May be repeated.
 * @returns its tenant. @throws InvalidEvent, Refusal: a dead letter. StoreError, LogError: try again.
 */
export async function handleRequest(
  { tenants, gdpr }: { readonly tenants: TenantDirectory; readonly gdpr: Gdpr },
  record: LogRecord,
): Promise<ServedTenant> {
  const event = readRecord(TOPICS.gdprRequests, record);
  if (event.kind !== 'gdpr-request') throw new TypeError(`a ${event.kind} event came from the topic of GDPR requests`);
  const served = tenantOf(tenants, event.data);
  await gdpr.take(served.stores, event.data, new Date(firstTaken(record)).toISOString());
  return served;
}

/** @throws Refusal `unknown-tenant`, `tenant-suspended`. */
function tenantOf(tenants: TenantDirectory, { tenant, ccid }: GdprRequestData): ServedTenant {
  const byId = tenant === undefined ? undefined : tenants.byId(tenant);
  const byUuid = ccid === undefined ? undefined : tenants.byUuid(ccid);
  const served = byId ?? byUuid;
  if (served === undefined || (tenant !== undefined && ccid !== undefined && byId !== byUuid)) {
    throw new Refusal('unknown-tenant', 'no tenant of this deployment has this id and ccid');
  }
  if (served.tenant.status === 'SUSPENDED') throw new Refusal('tenant-suspended', 'the tenant is suspended');
  return served;
}
