import { systemClock, systemIds } from '@voicemail/runtime';
import { onTestFinished } from 'vitest';
import type { EventLog, LogRecord, TopicSettings } from '../../port.ts';
import { openKafkaLog } from '../open.ts';
import type { KafkaLogOptions } from '../options.ts';

/** A topic's name that no other test has. */
export const newTopic = (): string => `topic-${systemIds().token().slice(0, 12)}`;

/** Keeps everything for as long as a test takes. */
export const RETENTION_MS = 3_600_000;
export const kept = (name: string): TopicSettings => ({ name, cleanup: { kind: 'delete', retentionMs: RETENTION_MS } });

/** A log that is closed after the test. */
export async function openLog(
  options: Pick<KafkaLogOptions, 'brokers' | 'topics'> & Partial<KafkaLogOptions>,
): Promise<EventLog> {
  const log = await openKafkaLog({
    clientId: 'test',
    partitions: 3,
    clock: systemClock(),
    ids: systemIds(),
    ...options,
  });
  onTestFinished(() => log.close());
  return log;
}

export async function readAll(log: EventLog, topic: string): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for await (const record of log.read(topic)) records.push(record);
  return records;
}

export const textOf = ({ value }: LogRecord): string => Buffer.from(value ?? []).toString();
