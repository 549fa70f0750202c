import { join } from 'node:path';
import { TOPICS } from '@voicemail/contracts';
import { openSqliteLog, type EventLog } from '@voicemail/event-log';
import { systemClock, systemIds } from '@voicemail/runtime';
import { binaryRecord } from '@voicemail/testing';
import { appendIn, openLogTable } from '../bare/log-table.ts';
import type { Context, Figure } from '../figure.ts';
import { concurrently } from '../load/concurrently.ts';
import { someAudio, someDeposit } from '../load/deposits.ts';
import { comparison, type Comparison } from '../measure/comparison.ts';
import { ioCounts } from '../measure/count-io.ts';
import { since } from '../measure/io-counts.ts';
import { perSecond, rounds } from '../measure/rounds.ts';

const KIB = 1_024;
const DAY_MS = 86_400_000;
const CASES = [
  { name: '8 KiB, 64 at once', bytes: 8 * KIB, atOnce: 64, count: 10_000 },
  { name: '1 KiB, 64 at once', bytes: KIB, atOnce: 64, count: 30_000 },
  { name: '8 KiB, one at a time', bytes: 8 * KIB, atOnce: 1, count: 1_500 },
];
const QUICK_SHARE = 0.1;

export const logAppend: Figure = {
  name: 'log-append',
  about: 'durable deposits/s appended to the log alone ÷ a bare loop of the same inserts and commits',
  run: async (context) => {
    const comparisons: Comparison[] = [];
    for (const each of CASES) comparisons.push(await compare(context, each));
    return comparisons;
  },
};

async function compare(context: Context, { name, bytes, atOnce, count }: (typeof CASES)[number]): Promise<Comparison> {
  const folder = await context.folder();
  const total = Math.round(count * (context.quick ? QUICK_SHARE : 1));
  const audio = someAudio(bytes);
  const records = Array.from({ length: total }, (_, index) => binaryRecord(someDeposit('log', index, audio)));
  const rows = records.map(({ key, headers }) => ({ key, headers: JSON.stringify(headers), value: audio }));
  const log = await openLog(join(folder, 'log.sqlite'));
  const table = openLogTable(join(folder, 'bare.sqlite'));
  const counted = await rounds(context, `log-append ${name}`, async () => {
    const start = ioCounts();
    const ours = await perSecond(total, () =>
      concurrently(total, atOnce, (index) => log.append(records.slice(index, index + 1))),
    );
    const middle = ioCounts();
    const oursIo = since(start, middle);
    const bare = await perSecond(total, async () => appendIn(table, rows, oursIo.commits));
    return {
      ours: { value: ours, io: oursIo, count: total },
      beside: { value: bare, io: since(middle, ioCounts()), count: total },
    };
  });
  await log.close();
  table.close();
  const ours = 'the log, deposits of that size';
  const beside = 'bare loop: the same rows in as many transactions';
  return comparison({ name: `log-append, ${name}`, unit: 'deposits/s', ours, beside, aim: { atLeast: 0.7 } }, counted);
}

function openLog(file: string): Promise<EventLog> {
  const cleanup = { kind: 'delete', retentionMs: DAY_MS } as const;
  return openSqliteLog({ file, topics: [{ name: TOPICS.deposits, cleanup }], clock: systemClock(), ids: systemIds() });
}
