import { writeSync } from 'node:fs';
import { systemClock, systemIds } from '@voicemail/runtime';
import { openSqliteLog } from '../open.ts';

/**
 * Appends numbered records and handles them until it is killed. Each line is written at once, so what was written is
 * what an outside party was told: `a<n>` when record n is acknowledged, `h<n>` when it is handled.
 */
const [file = '', from = '0'] = process.argv.slice(2);
const log = await openSqliteLog({
  file,
  topics: [{ name: 'events', cleanup: { kind: 'delete', retentionMs: Number.MAX_SAFE_INTEGER } }],
  clock: systemClock(),
  ids: systemIds(),
  segmentBytes: 20_000,
  commitDelayMs: 1,
});
await log.subscribe({
  group: 'group',
  topics: ['events'],
  maxInFlight: 4,
  maxBufferedRecords: 100,
  maxBufferedBytes: 1_000_000,
  handle: async ([record]) => {
    await new Promise((resolve) => setImmediate(resolve));
    writeSync(1, `h${new TextDecoder().decode(record?.value ?? undefined)}\n`);
  },
});
for (let next = Number(from); ; next += 3) {
  await Promise.all(
    [next, next + 1, next + 2].map(async (number) => {
      await log.append([{ topic: 'events', key: `k${number % 7}`, value: new TextEncoder().encode(`${number}`) }]);
      writeSync(1, `a${number}\n`);
    }),
  );
}
