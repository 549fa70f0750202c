import { systemClock, systemIds } from '@voicemail/runtime';
import { consumeBacklog } from '../../contract/consume-backlog.ts';
import { openKafkaLog } from '../open.ts';

/** Handles `count` records of a backlog, slowly, and writes the most memory that was held meanwhile, in bytes. */
const [broker = '', topic = '', count = '0'] = process.argv.slice(2);
const log = await openKafkaLog({
  brokers: [broker],
  clientId: 'test',
  topics: [{ name: topic, cleanup: { kind: 'delete', retentionMs: 3_600_000 } }],
  partitions: 3,
  clock: systemClock(),
  ids: systemIds(),
});
process.stdout.write(`${await consumeBacklog(log, topic, Number(count))}\n`);
process.exit();
