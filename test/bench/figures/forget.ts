import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TenantStores } from '@voicemail/message-store';
import { inTurn } from '@voicemail/runtime';
import type { Context, Figure } from '../figure.ts';
import { createForgetter, type Forgetter } from '../forget/forgetter.ts';
import { leapingClock } from '../forget/leaping-clock.ts';
import { callerNumber } from '../load/deposits.ts';
import { comparison, type Comparison, type Round } from '../measure/comparison.ts';
import { rounds, seconds } from '../measure/rounds.ts';
import type { Calls, StoreCalls } from '../measure/store-calls.ts';
import { summary } from '../measure/summary.ts';
import { memoryFolder } from '../stored/memory-folder.ts';
import { openLog } from '../stored/parts.ts';
import { callsOfOurs } from '../stores/count-calls.ts';
import { filled, type Filled } from '../stores/filled.ts';
import type { KindName, StoreHost } from '../stores/host.ts';
import { onEveryKind } from '../stores/kinds.ts';

const HITS = 10;
const SMALL = 1_000;
/** Azurite's search looks at the tags of no more than 5,000 objects, two for a message. */
const LARGE: Readonly<Record<KindName, number>> = { volume: 100_000, S3: 100_000, Azure: 1_800 };
/** On a volume, placed as the store lays them. */
const MILLION = 1_000_000;
const QUICK_LARGE: Readonly<Record<KindName, number>> = { volume: 3_000, S3: 3_000, Azure: 1_500 };
const COUNTED = 3;
const A_ROUND = 6;
const QUICK_ROUND = 2;
/** The one that warms up is another. */
const ROUNDS = 5;
const QUICK_ROUNDS = 1;
const RUNS = 5;
const MAX_RATIO = 1.2;
const MS_PER_SECOND = 1_000;

export const forget: Figure = {
  name: 'forget',
  about:
    'forgetting a caller with 10 messages, and a run of the rule, among 100,000 messages ÷ among 1,000 (fewer on Azurite)',
  run: (context) => onEveryKind(context, 'forget', (host) => compare(context, host)),
};

async function compare(context: Context, host: StoreHost): Promise<readonly Comparison[]> {
  const isMillion = context.million && host.kind === 'volume';
  const placed = isMillion ? MILLION : (context.quick ? QUICK_LARGE : LARGE)[host.kind];
  await using inMemory = context.quick || context.patient || isMillion ? null : await memoryFolder(placed);
  const folder = inMemory?.folder ?? context.folder;
  const aRound = context.quick ? QUICK_ROUND : A_ROUND;
  // Each pass of counting has one more caller, which a server has to be asked about first.
  const callers = 2 * (COUNTED + 1) + aRound * ((context.quick ? QUICK_ROUNDS : ROUNDS) + 1);
  context.progress(`forget, ${host.kind}: placing ${placed} messages`);
  const fill = async (count: number): Promise<Side> => {
    const what = { folder: await folder(), ofOneCaller: HITS, deposited: callers * HITS, placed: count };
    return openSide(context, host, await filled(context, host, what));
  };
  await using large = await fill(placed);
  await using small = await fill(SMALL);
  // What was placed is written first: it is not what is measured that is to wait for it.
  await promisify(execFile)('sync');

  const callsOf = async (of: string, count: (side: Side) => Promise<Calls>): Promise<StoreCalls> => ({
    of,
    ours: await count(large),
    beside: await count(small),
    least: null,
  });
  const atRest = await callsOf('a run', ({ calls }) => calls(RUNS, (forgetter) => forgetter.runRule()));
  const whole = await callsOf('a caller, until erased', ({ calls, next }) =>
    calls(COUNTED, async (forgetter) => forgetter.erase([await forgetter.mark([next()])])),
  );
  const marked = await callsOf('a caller, until marked', ({ calls, next }) =>
    calls(COUNTED, async (forgetter) => void (await forgetter.mark([next()]))),
  );
  const counted = await rounds(context, `forget, ${host.kind}`, async (round) => {
    // Whoever is second may find what the first has left in caches, or its garbage.
    const turns = round % 2 === 0 ? [large, small] : [small, large];
    const runs = new Map(turns.map((side) => [side, timed()] as const));
    const marks = new Map(turns.map((side) => [side, timed()] as const));
    const erasures = new Map(turns.map((side) => [side, timed()] as const));
    const requestIds = new Map(turns.map((side) => [side, [] as string[]] as const));
    for (let index = 0; index < aRound; index += 1) {
      for (const side of turns) {
        await marks
          .get(side)
          ?.of(async () => void requestIds.get(side)?.push(await side.forgetter.mark([side.next()])));
      }
    }
    for (const side of turns) await erasures.get(side)?.of(() => side.forgetter.erase(requestIds.get(side) ?? []));
    for (let index = 0; index < RUNS; index += 1) {
      for (const side of turns) await runs.get(side)?.of(() => side.forgetter.runRule());
    }
    const both = (what: ReadonlyMap<Side, Timed>, each = 1): Round => ({
      ours: { value: (what.get(large)?.medianMs() ?? 0) / each },
      beside: { value: (what.get(small)?.medianMs() ?? 0) / each },
    });
    return { runs: both(runs), marks: both(marks), erasures: both(erasures, aRound) };
  });

  const where = host.kind === 'Azure' || inMemory !== null ? 'in memory' : 'on disk';
  const [many, few] = [placed.toLocaleString('en-US'), SMALL.toLocaleString('en-US')];
  const shown = (name: string, unit: string, of: keyof (typeof counted)[number], calls: StoreCalls): Comparison =>
    comparison(
      {
        name: `${name}, ${host.kind}`,
        unit,
        ours: `a caller’s ${HITS} messages among ${many} others, ${where}, on ${host.by}`,
        beside: `the same among ${few} others`,
        calls,
        // Azurite looks at every object to find some, which the service does not.
        ...(host.kind === 'Azure' ? {} : { aim: { atMost: MAX_RATIO } }),
      },
      counted.map((round) => round[of]),
    );
  return [
    shown('forget, until marked', 'ms a caller', 'marks', marked),
    shown('forget, until erased', 'ms a caller', 'erasures', whole),
    shown('rule at rest', 'ms a run', 'runs', atRest),
  ];
}

interface Side extends AsyncDisposable {
  readonly forgetter: Forgetter;
  /** The number of a caller that nobody has forgotten yet. */
  readonly next: () => string;
  /** What one of so many asks of the store. */
  readonly calls: (count: number, work: (forgetter: Forgetter) => Promise<void>) => Promise<Calls>;
}

async function openSide(context: Context, host: StoreHost, filling: Filled): Promise<Side> {
  const clock = leapingClock();
  const log = await openLog(await context.folder(), clock);
  const forgetters = new WeakMap<TenantStores, Forgetter>();
  const forgetterOf = (stores: TenantStores): Forgetter =>
    forgetters.getOrInsertComputed(stores, () => createForgetter({ log, clock }, stores));
  /** A tenant's requests go one at a time. */
  const turns = inTurn();
  let forgotten = 0;
  return {
    forgetter: forgetterOf(filling.stores),
    next: () => callerNumber(forgotten++),
    calls: (count, work) =>
      callsOfOurs(host, filling.place, filling.remembered, count, (stores) =>
        turns('', () => work(forgetterOf(stores))),
      ),
    [Symbol.asyncDispose]: async () => {
      await log.close();
      await filling[Symbol.asyncDispose]();
    },
  };
}

interface Timed {
  of(work: () => Promise<void>): Promise<void>;
  medianMs(): number;
}

/** Of what is done several times the one in the middle counts: other programs' work makes a few of them many times longer. */
function timed(): Timed {
  const tookMs: number[] = [];
  return {
    of: async (work) => void tookMs.push((await seconds(work)) * MS_PER_SECOND),
    medianMs: () => summary(tookMs).median,
  };
}
