import { depositRecord } from '@voicemail/contracts';
import type { LogRecord } from '@voicemail/event-log';
import type { GdprWorld } from '@voicemail/gdpr/testing';
import { createLedgers, type ServedTenant, type TenantDirectory, type TenantStores } from '@voicemail/message-store';
import { createLogger, createMetrics } from '@voicemail/runtime';
import type { HandlerContext } from '../handle-deposit.ts';

/** A process that consumes deposits for the tenant of a world of requests: with its own memory of the ledger. */
export function consumerOf({ clock, log }: GdprWorld, stores: TenantStores): HandlerContext {
  const served = { tenant: { status: 'ACTIVE' }, stores } as ServedTenant;
  const tenants = { byId: () => served } as unknown as TenantDirectory;
  const logger = createLogger({ level: 'silent', name: 'test' });
  return { log, tenants, ledgers: createLedgers(clock), clock, logger, metrics: createMetrics() };
}

/** A deposit in mailbox 9876 as the log has it. @param atMs when it was left, and when the log took it; since the epoch. */
export function depositTaken(messageId: string, callerId: string, atMs: number): LogRecord {
  const at = new Date(atMs).toISOString();
  const record = depositRecord(
    {
      tenant: 't100',
      mailbox: '9876',
      messageId,
      callerId,
      region: 'westus2',
      depositedAt: at,
      priority: 'normal',
      private: false,
      durationMs: 1_000,
      media: { contentType: 'audio/wav', base64: Buffer.from(`RIFF sound of ${messageId}`).toString('base64') },
    },
    { id: messageId, source: '/test', time: at },
  );
  return { ...record, partition: 0, offset: 0, appendedAt: atMs };
}
