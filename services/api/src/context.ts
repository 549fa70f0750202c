import type { EventLog } from '@voicemail/event-log';
import type { Gdpr } from '@voicemail/gdpr';
import type { Ledgers, ServedTenant, TenantDirectory } from '@voicemail/message-store';
import type { MwiStore } from '@voicemail/mwi-store';
import type { ObjectStore } from '@voicemail/object-store';
import type { Clock, Health, Ids, Logger, Metrics } from '@voicemail/runtime';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { HttpProblem } from './problem.ts';

export interface ApiOptions {
  readonly log: EventLog;
  readonly mwi: MwiStore;
  readonly tenants: TenantDirectory;
  readonly ledgers: Ledgers;
  readonly gdpr: Gdpr;
  /** The deployment's own store, for dead letters that name no known tenant. */
  readonly deployment: ObjectStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  /** The bearer token of the embedded mode: the first tenant, every role. null: there is none. */
  readonly token: string | null;
  readonly version: string;
}

/** What a process needs that tells of its health alone. */
export type HealthServerOptions = Pick<ApiOptions, 'clock' | 'logger' | 'metrics' | 'health'>;

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** The tenant that a caller of the embedded mode acts for. @throws HttpProblem 403 where there is none to act for. */
export function callersTenant(options: Pick<ApiOptions, 'tenants'>): ServedTenant {
  const [served] = options.tenants.all();
  if (served === undefined) throw new HttpProblem(403, 'The token names a tenant, and this deployment has none.');
  if (served.tenant.status === 'SUSPENDED') throw new HttpProblem(403, 'The tenant is suspended.');
  return served;
}
