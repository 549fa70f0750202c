import { systemClock, systemIds } from '@voicemail/runtime';
import { consumeBacklog } from '../../contract/consume-backlog.ts';
import { openSqliteLog } from '../open.ts';

/** Handles `count` records of a backlog, slowly, and writes the most memory that was held meanwhile, in bytes. */
const [file = '', count = '0'] = process.argv.slice(2);
const log = await openSqliteLog({
  file,
  topics: [{ name: 'events', cleanup: { kind: 'delete', retentionMs: Number.MAX_SAFE_INTEGER } }],
  clock: systemClock(),
  ids: systemIds(),
});
process.stdout.write(`${await consumeBacklog(log, 'events', Number(count))}\n`);
process.exit();
