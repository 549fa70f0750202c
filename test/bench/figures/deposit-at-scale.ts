import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createDepositConsumer } from '@voicemail/deposit-consumer';
import { createProjector, messageRecount, type ProjectorLimits, type RecountSource } from '@voicemail/mwi-projector';
import type { NewRecord } from '@voicemail/event-log';
import { binaryRecord } from '@voicemail/testing';
import type { Figure } from '../figure.ts';
import { concurrently } from '../load/concurrently.ts';
import { someAudio, someDeposit } from '../load/deposits.ts';
import { comparison, type Comparison } from '../measure/comparison.ts';
import { rounds, seconds } from '../measure/rounds.ts';
import { fill } from '../stored/fill.ts';
import { memoryFolder } from '../stored/memory-folder.ts';
import { openParts, type Parts } from '../stored/parts.ts';
import { quietClock } from '../stored/quiet-clock.ts';

const SMALL = 1_000;
const LARGE = 200_000;
const QUICK_LARGE = 3_000;
/** Where there is no memory for it: files are made, and above all removed, a hundred times more slowly on some disks. */
const LARGE_ON_DISK = 20_000;
const DEPOSITS = 400;
const QUICK_DEPOSITS = 100;
const FIRST_DEPOSITS = 50;
const AT_ONCE = 32;
const AUDIO_BYTES = 8 * 1_024;
const PLACED_AUDIO_BYTES = 200;
const STOP_GRACE_MS = 5_000;
/** It compares the counts with the stores at a steady pace, whether deposits come or not, and so takes from them where they do. */
const RECONCILERS: readonly { readonly name: string; readonly limits: Partial<ProjectorLimits> }[] = [
  { name: 'resting', limits: { sliceIntervalMs: 60_000, maxSliceMessages: 1 } },
  { name: 'at work', limits: {} },
];
const MS_PER_SECOND = 1_000;
const US_PER_MS = 1_000;

export const depositAtScale: Figure = {
  name: 'deposit-at-scale',
  about: 'what a deposit costs with 200,000 messages stored ÷ with 1,000',
  run: async (context) => {
    await using inMemory = context.quick || context.patient ? null : await memoryFolder();
    const [stored, messages] = inMemory === null ? [context.folder, 'on disk'] : [inMemory.folder, 'in memory'];
    const asked = context.quick ? QUICK_LARGE : inMemory === null && !context.patient ? LARGE_ON_DISK : LARGE;
    await using large = await openParts(await stored(), quietClock());
    await using small = await openParts(await stored(), quietClock());
    context.progress(`deposit-at-scale: placing ${asked} messages ${messages}`);
    const placedAudio = someAudio(PLACED_AUDIO_BYTES);
    await fill(large, asked, placedAudio);
    await fill(small, SMALL, placedAudio);
    // What was placed is written first: it is not these deposits that are to wait for it.
    await promisify(execFile)('sync');

    const count = context.quick ? QUICK_DEPOSITS : DEPOSITS;
    const audio = someAudio(AUDIO_BYTES);
    const [many, few] = [asked.toLocaleString('en-US'), SMALL.toLocaleString('en-US')];
    const comparisons: Comparison[] = [];
    for (const reconciler of context.quick ? RECONCILERS.slice(0, 1) : RECONCILERS) {
      const name = `deposit-at-scale, reconciler ${reconciler.name}`;
      const counted = await rounds(context, name, async (round) => {
        const records = depositsOf(`${reconciler.name.replace(' ', '-')}-${round}`, count, audio);
        return {
          ours: await costOf(large, records, reconciler.limits),
          beside: await costOf(small, records, reconciler.limits),
        };
      });
      const compare = (what: keyof Cost, unit: string): Comparison =>
        comparison(
          {
            name,
            unit,
            ours: `append, store, announce and count with ${many} messages of 100 mailboxes, ${messages}`,
            beside: `the same with ${few} messages`,
            aim: { atMost: 1.2 },
          },
          counted.map(({ ours, beside }) => ({ ours: { value: ours[what] }, beside: { value: beside[what] } })),
        );
      comparisons.push(compare('wallMs', 'ms a deposit'), compare('cpuMs', 'ms of CPU'));
    }
    return comparisons;
  },
};

function depositsOf(load: string, count: number, audio: Uint8Array): readonly NewRecord[] {
  const length = FIRST_DEPOSITS + count;
  return Array.from({ length }, (_, index) => binaryRecord(someDeposit(load, index, audio)));
}

/** Of one deposit, from its append until it is counted, when many are handled at once. */
interface Cost {
  readonly wallMs: number;
  /** What other programs do meanwhile is not in it. */
  readonly cpuMs: number;
}

async function costOf(parts: Parts, records: readonly NewRecord[], limits: Partial<ProjectorLimits>): Promise<Cost> {
  const count = records.length - FIRST_DEPOSITS;
  const consumer = createDepositConsumer(parts);
  // The same list each time, as it is taken to have changed otherwise.
  const served = parts.tenants.all().map(({ tenant }) => tenant);
  const { messages, listed } = listedOnce(messageRecount(parts.tenants));
  const projector = createProjector({
    ...parts,
    messages,
    tenants: () => served,
    limits,
  });
  await consumer.start();
  await projector.start();
  const settled = async (from: number, to: number): Promise<void> => {
    await concurrently(to - from, AT_ONCE, (index) => parts.log.append(records.slice(from + index, from + index + 1)));
    await consumer.idle();
    await projector.idle();
  };
  // What the services do at their start, and they list every mailbox then, is no deposit's cost.
  await settled(0, FIRST_DEPOSITS);
  await listed;
  const before = process.cpuUsage();
  const took = await seconds(() => settled(FIRST_DEPOSITS, records.length));
  const { user, system } = process.cpuUsage(before);
  await consumer.stop(STOP_GRACE_MS);
  await projector.stop(STOP_GRACE_MS);
  return { wallMs: (took * MS_PER_SECOND) / count, cpuMs: (user + system) / US_PER_MS / count };
}

/** The same, and when a listing of all mailboxes is over for the first time: that which a projector begins at its start. */
function listedOnce(source: RecountSource): { readonly messages: RecountSource; readonly listed: Promise<void> } {
  const { promise: listed, resolve, reject } = Promise.withResolvers<void>();
  const listMailboxes: RecountSource['listMailboxes'] = async function* (tenant) {
    try {
      yield* source.listMailboxes(tenant);
      resolve();
    } catch (error) {
      reject(error);
      throw error;
    }
  };
  return { messages: { ...source, listMailboxes }, listed };
}
