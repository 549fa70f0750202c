import { join } from 'node:path';
import { openKafkaLog, openSqliteLog, type EventLog, type TopicSettings } from '@voicemail/event-log';
import { systemClock, systemIds } from '@voicemail/runtime';
import { backboneOf, isDistributed } from './backbone.ts';

/** The log of a server that has ended, to be read and closed. */
export async function openLogOf(dataDir: string, topics: readonly TopicSettings[]): Promise<EventLog> {
  const options = { topics, clock: systemClock(), ids: systemIds() };
  if (!isDistributed) return openSqliteLog({ ...options, file: join(dataDir, 'log.sqlite') });
  const { kafka } = await backboneOf(dataDir);
  return openKafkaLog({ ...options, brokers: kafka.brokers, clientId: 'reader' });
}

/** A file with all that the store of counts holds of a server that has ended, in plain bytes. */
export async function fileOfCounts(dataDir: string): Promise<string> {
  if (!isDistributed) return join(dataDir, 'mwi.sqlite');
  const { redis } = await backboneOf(dataDir);
  await redis.command('CONFIG', 'SET', 'rdbcompression', 'no');
  await redis.command('SAVE');
  const settings = await redis.command('CONFIG', 'GET', 'dir');
  const folder = Array.isArray(settings) ? String(settings[1]) : '';
  return join(folder, 'dump.rdb');
}
