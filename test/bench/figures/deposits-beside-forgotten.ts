import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createDepositConsumer } from '@voicemail/deposit-consumer';
import { createLedgers, type TenantStores } from '@voicemail/message-store';
import { binaryRecord } from '@voicemail/testing';
import type { Context, Figure } from '../figure.ts';
import { placeForgotten, type ForgottenCallers } from '../forget/forgotten-ledger.ts';
import { concurrently } from '../load/concurrently.ts';
import { someAudio, someDeposit } from '../load/deposits.ts';
import { comparison, type Comparison } from '../measure/comparison.ts';
import { inTurns } from '../measure/in-turns.ts';
import { rounds, seconds } from '../measure/rounds.ts';
import { memoryFolder } from '../stored/memory-folder.ts';
import { openParts, regionRoot, TENANT, type Parts } from '../stored/parts.ts';
import { quietClock } from '../stored/quiet-clock.ts';

const DEPOSITS = 600;
const QUICK_DEPOSITS = 100;
const TURN = 100;
const AT_ONCE = 32;
const AUDIO_BYTES = 8 * 1_024;
const STOP_GRACE_MS = 5_000;
const AIM = 0.95;
/** An entry names up to 1,000 callers. */
const TOGETHER: ForgottenCallers = { requests: 100, callersOfEach: 1_000 };
const QUICK_TOGETHER: ForgottenCallers = { requests: 10, callersOfEach: 100 };
/** Far fewer callers, for a request of one takes as many entries as one of a thousand. */
const ALONE: ForgottenCallers = { requests: 500, callersOfEach: 1 };
const QUICK_ALONE: ForgottenCallers = { requests: 100, callersOfEach: 1 };
const MS_PER_SECOND = 1_000;

export const depositsBesideForgotten: Figure = {
  name: 'deposits-beside-forgotten',
  about: 'deposits/s with 100,000 forgotten callers in the ledger ÷ with none, and how long that ledger takes to read',
  run: async (context) => {
    await using inMemory = context.quick || context.patient ? null : await memoryFolder();
    const folder = inMemory?.folder ?? context.folder;
    await using together = await openParts(await folder(), quietClock());
    await using alone = await openParts(await folder(), quietClock());
    await using none = await openParts(await folder(), quietClock());
    const [many, single] = context.quick ? [QUICK_TOGETHER, QUICK_ALONE] : [TOGETHER, ALONE];
    context.progress('deposits-beside-forgotten: placing ledgers');
    for (const [parts, forgotten] of [
      [together, many],
      [alone, single],
    ] as const) {
      await storesOf(parts).master.store.check();
      await placeForgotten(storesOf(parts), regionRoot(parts.folder), forgotten);
    }
    await promisify(execFile)('sync');
    const where = inMemory === null ? 'on disk' : 'in memory';
    return [
      await deposits(context, { together, none }, `${words(many)}, ${where}`),
      ...(await reads(context, { together, alone }, [`${words(many)}, ${where}`, words(single)])),
    ];
  },
};

const words = ({ requests, callersOfEach }: ForgottenCallers): string =>
  `${requests.toLocaleString('en-US')} erased requests of ${callersOfEach.toLocaleString('en-US')}`;

function storesOf({ tenants }: Parts): TenantStores {
  const served = tenants.byId(TENANT);
  if (served === undefined) throw new Error('the deployment does not serve its tenant');
  return served.stores;
}

async function deposits(
  context: Context,
  { together, none }: { readonly together: Parts; readonly none: Parts },
  ledger: string,
): Promise<Comparison> {
  const total = context.quick ? QUICK_DEPOSITS : DEPOSITS;
  const audio = someAudio(AUDIO_BYTES);
  const consumers = [createDepositConsumer(together), createDepositConsumer(none)] as const;
  for (const consumer of consumers) await consumer.start();
  const counted = await rounds(context, 'deposits-beside-forgotten', (round) => {
    const records = Array.from({ length: total }, (_, index) =>
      binaryRecord(someDeposit(`round-${round}`, index, audio)),
    );
    const store =
      ({ log }: Parts, consumer: (typeof consumers)[number]) =>
      async (from: number, to: number): Promise<void> => {
        await concurrently(to - from, AT_ONCE, (index) => log.append(records.slice(from + index, from + index + 1)));
        await consumer.idle();
      };
    return inTurns(total, TURN, store(together, consumers[0]), store(none, consumers[1]));
  });
  for (const consumer of consumers) await consumer.stop(STOP_GRACE_MS);
  const options = {
    name: 'deposits-beside-forgotten',
    unit: 'deposits/s',
    ours: `append, store and announce, with ${ledger}`,
    beside: 'the same with an empty ledger',
    aim: { atLeast: AIM },
  };
  return comparison(options, counted);
}

/** How long a process that knows nothing yet takes to read a ledger, and then to see that nothing was added. */
async function reads(
  context: Context,
  { together, alone }: { readonly together: Parts; readonly alone: Parts },
  [ofTogether, ofAlone]: readonly [string, string],
): Promise<readonly Comparison[]> {
  const readMs = async (parts: Parts): Promise<{ readonly whole: number; readonly look: number }> => {
    const ledger = createLedgers(parts.clock)(storesOf(parts));
    const whole = await seconds(() => ledger.refresh());
    const look = await seconds(() => ledger.refresh());
    return { whole: whole * MS_PER_SECOND, look: look * MS_PER_SECOND };
  };
  const counted = await rounds(context, 'ledger-read', async () => ({
    ours: await readMs(together),
    beside: await readMs(alone),
  }));
  const shown = (name: string, of: 'whole' | 'look'): Comparison =>
    comparison(
      { name, unit: 'ms', ours: ofTogether, beside: ofAlone },
      counted.map(({ ours, beside }) => ({ ours: { value: ours[of] }, beside: { value: beside[of] } })),
    );
  return [shown('ledger-read, all of it', 'whole'), shown('ledger-read, nothing new', 'look')];
}
