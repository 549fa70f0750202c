import type { EventLog, TopicSettings } from '../port.ts';
import {
  DEFAULT_COMMIT_DELAY_MS,
  DEFAULT_MAX_RECORD_BYTES,
  DEFAULT_SEGMENT_BYTES,
  DEFAULT_TOMBSTONE_RETENTION_MS,
} from './limits.ts';
import { LogFile } from './log-file.ts';
import type { SqliteLogOptions } from './options.ts';
import { sqliteError } from './sqlite-error.ts';
import { SqliteLog } from './sqlite-log.ts';
import { TopicStore } from './topic-store.ts';

/**
 * Opens the embedded log, and owns its file until `close`. Each topic has one partition, 0, with offsets from 0 on
 * without gaps but for what was cleaned. A value that is being appended must not be changed until `append` resolves.
 * A topic of a group has one subscriber at a time; a second one is refused with LogError `in-use`.
 *
 * Topics that the file has and `topics` does not are kept, cannot be used, and are cleaned as they last were.
 * @throws LogError `in-use` (another process owns it), `incompatible` (written by a later version, or no log), `full`,
 * `unavailable`. RangeError when a topic is named twice.
 */
export async function openSqliteLog(options: SqliteLogOptions): Promise<EventLog> {
  const names = new Set(options.topics.map(({ name }) => name));
  if (names.size < options.topics.length) throw new RangeError('a topic is named twice');
  const file = await LogFile.open(options.file);
  try {
    return new SqliteLog({
      file,
      stores: openTopics(file, options.topics, options.segmentBytes ?? DEFAULT_SEGMENT_BYTES),
      names,
      clock: options.clock,
      ids: options.ids,
      maxRecordBytes: options.maxRecordBytes ?? DEFAULT_MAX_RECORD_BYTES,
      commitDelayMs: options.commitDelayMs ?? DEFAULT_COMMIT_DELAY_MS,
      tombstoneRetentionMs: options.tombstoneRetentionMs ?? DEFAULT_TOMBSTONE_RETENTION_MS,
    });
  } catch (error) {
    file.close();
    throw sqliteError(`cannot open the log ${options.file}`, error);
  }
}

/** Makes what the file does not have yet, and writes down the settings as they are now. */
function openTopics(file: LogFile, topics: readonly TopicSettings[], segmentBytes: number): TopicStore[] {
  const known = new Set(file.all('SELECT name FROM topics').map((row) => String(row['name'])));
  file.transaction(() => {
    for (const settings of topics) {
      file.all(
        `INSERT INTO topics (name, settings) VALUES (?, ?)
         ON CONFLICT (name) DO UPDATE SET settings = excluded.settings WHERE settings <> excluded.settings`,
        settings.name,
        JSON.stringify(settings),
      );
    }
    for (const store of readTopics(file, segmentBytes)) if (!known.has(store.settings.name)) store.begin();
  });
  const stores = readTopics(file, segmentBytes);
  for (const store of stores) store.reload();
  return stores;
}

function readTopics(file: LogFile, segmentBytes: number): TopicStore[] {
  return file
    .all('SELECT id, settings FROM topics ORDER BY id')
    .map(
      (row) =>
        new TopicStore(file, Number(row['id']), JSON.parse(String(row['settings'])) as TopicSettings, segmentBytes),
    );
}
