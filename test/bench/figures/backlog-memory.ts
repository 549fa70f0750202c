import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '@voicemail/runtime';
import { binaryRecord } from '@voicemail/testing';
import type { Figure } from '../figure.ts';
import { someAudio, someDeposit } from '../load/deposits.ts';
import { comparison } from '../measure/comparison.ts';
import { readPeakRssBytes } from '../measure/process-io.ts';
import { rounds } from '../measure/rounds.ts';
import { startServer } from '../processes/server.ts';
import { openLog } from '../stored/parts.ts';

const SMALL = 1_000;
const LARGE = 200_000;
const QUICK_LARGE = 20_000;
const AUDIO_BYTES = 200;
/** How long a server works on its backlog before its peak is read. */
const WORK_MS = 7_000;
const QUICK_WORK_MS = 1_000;
const ROUNDS = 3;
const APPENDED_AT_ONCE = 5_000;
const MIB = 1_024 ** 2;

export const backlogMemory: Figure = {
  name: 'backlog-memory',
  about: 'the most memory of a server with a backlog of 200,000 deposits ÷ with one of 1,000',
  run: async (context) => {
    const large = context.quick ? QUICK_LARGE : LARGE;
    const ofLarge = await context.folder();
    const peak = async (folder: string): Promise<number> => {
      await using server = await startServer(folder, { counted: false });
      await pause(context.quick ? QUICK_WORK_MS : WORK_MS);
      const bytes = readPeakRssBytes(server.pid);
      if (bytes === null) throw new Error('this system does not say how much memory a process had');
      return bytes / MIB;
    };
    context.progress(`backlog-memory: appending ${large} deposits`);
    await addBacklog(ofLarge, 'large', large);
    const counted = await rounds(
      context,
      'backlog-memory',
      async () => {
        // A fresh one each time: it is worked off. Of the large one that is next to nothing.
        const ofSmall = await context.folder();
        await addBacklog(ofSmall, 'small', SMALL);
        return { ours: { value: await peak(ofLarge) }, beside: { value: await peak(ofSmall) } };
      },
      { count: ROUNDS },
    );
    const count = large.toLocaleString('en-US');
    return [
      comparison(
        {
          name: `backlog-memory, ${count} ÷ 1,000`,
          unit: 'MiB',
          ours: `the server's peak of resident memory with ${count} deposits waiting`,
          beside: 'the same with 1,000',
          aim: { atMost: 1.2 },
        },
        counted,
      ),
    ];
  },
};

async function addBacklog(folder: string, load: string, count: number): Promise<void> {
  const log = await openLog(folder, systemClock());
  const audio = someAudio(AUDIO_BYTES);
  for (let from = 0; from < count; from += APPENDED_AT_ONCE) {
    const length = Math.min(APPENDED_AT_ONCE, count - from);
    await log.append(Array.from({ length }, (_, index) => binaryRecord(someDeposit(load, from + index, audio))));
  }
  await log.close();
}
