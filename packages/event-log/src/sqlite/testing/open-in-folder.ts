import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock, systemIds, type ManualClock } from '@voicemail/runtime';
import { onTestFinished } from 'vitest';
import type { EventLog, LogRecord, TopicSettings } from '../../port.ts';
import { openSqliteLog } from '../open.ts';
import type { SqliteLogOptions } from '../options.ts';

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'voicemail-log-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface OpenedLog {
  readonly file: string;
  readonly clock: ManualClock;
  log: EventLog;
  reopen(): Promise<void>;
}

/** The topic that most tests need. */
export const TOPIC = 'events';
export const KEEP: TopicSettings = { name: TOPIC, cleanup: { kind: 'delete', retentionMs: Number.MAX_SAFE_INTEGER } };

/** A log in a folder of its own, closed and removed after the test. */
export async function openLog(
  topics: readonly TopicSettings[] = [KEEP],
  more: Partial<SqliteLogOptions> = {},
): Promise<OpenedLog> {
  const file = join(await temporaryFolder(), 'log.db');
  const clock = manualClock(Date.UTC(2030, 0, 1));
  const open = () => openSqliteLog({ file, topics, clock, ids: systemIds(), ...more });
  const opened: OpenedLog = {
    file,
    clock,
    log: await open(),
    reopen: async () => {
      await opened.log.close();
      opened.log = await open();
    },
  };
  onTestFinished(() => opened.log.close());
  return opened;
}

export async function readAll(log: EventLog, topic = TOPIC): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for await (const record of log.read(topic)) records.push(record);
  return records;
}
