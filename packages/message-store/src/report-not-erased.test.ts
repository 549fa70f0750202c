import { createLogger, createMetrics } from '@voicemail/runtime';
import { expect, test } from 'vitest';
import { reportNotErased } from './report-not-erased.ts';

test('what a store keeps is counted by region and kind, and logged with what it is a version of, why and until when', async () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ level: 'info', name: 'test', destination });
  const metrics = createMetrics();
  const until = Date.parse('2026-03-09T10:00:00.000Z');
  const left = { region: 'westeurope', what: 'soft-deleted', why: 'soft delete is on', until } as const;
  reportNotErased({ logger, metrics }, 't100', [
    { ...left, of: 'media', count: 2 },
    { ...left, of: 'metadata', count: 1, until: null },
  ]);
  reportNotErased({ logger, metrics }, 't100', []);
  const { text } = await metrics.expose();
  expect(text).toContain('voicemail_storage_not_erased_total{region="westeurope",what="soft-deleted"} 3');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { level: 'warn', tenant: 't100', of: 'media', count: 2, until: '2026-03-09T10:00:00.000Z' },
    { level: 'warn', of: 'metadata', count: 1, why: 'soft delete is on', until: null },
  ]);
});
