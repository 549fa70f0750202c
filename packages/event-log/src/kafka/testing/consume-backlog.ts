import { systemClock, systemIds } from '@voicemail/runtime';
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
let handled = 0;
let most = 0;
const enough = Promise.withResolvers<void>();
await log.subscribe({
  group: 'group',
  topics: [topic],
  maxInFlight: 8,
  maxBufferedRecords: 500,
  maxBufferedBytes: 4_000_000,
  handle: async () => {
    handled += 1;
    if (handled % 100 === 0) {
      globalThis.gc?.();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      most = Math.max(most, heapUsed + arrayBuffers);
    }
    if (handled === Number(count)) enough.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  },
});
await enough.promise;
process.stdout.write(`${most}\n`);
process.exit();
