import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { searchCaller, type TenantStores } from '@voicemail/message-store';
import type { Context, Figure } from '../figure.ts';
import { callerNumber } from '../load/deposits.ts';
import { comparison, type Comparison } from '../measure/comparison.ts';
import { rounds, seconds } from '../measure/rounds.ts';
import { summary } from '../measure/summary.ts';
import { memoryFolder } from '../stored/memory-folder.ts';
import { callsOfOurs } from '../stores/count-calls.ts';
import { filled, type Filled } from '../stores/filled.ts';
import type { KindName, StoreHost } from '../stores/host.ts';
import { onEveryKind } from '../stores/kinds.ts';

const HITS = 10;
/** Callers that are searched. Their messages were deposited; those of the others are placed. */
const SOUGHT = 20;
const SMALL = 1_000;
/** Azurite's search looks at the tags of no more than 5,000 objects, two for a message; what comes after those in a container it never finds. */
const LARGE: Readonly<Record<KindName, number>> = { volume: 100_000, S3: 100_000, Azure: 2_400 };
const QUICK_LARGE: Readonly<Record<KindName, number>> = { volume: 3_000, S3: 3_000, Azure: 2_000 };
const PASSES = 5;
const QUICK_PASSES = 1;
const MAX_RATIO = 1.2;
const MS_PER_SECOND = 1_000;

export const callerSearch: Figure = {
  name: 'caller-search',
  about: 'a search by caller with 10 hits among 100,000 messages ÷ among 1,000 (fewer on Azurite)',
  run: (context) => onEveryKind(context, 'caller-search', (host) => compare(context, host)),
};

async function compare(context: Context, host: StoreHost): Promise<readonly Comparison[]> {
  const name = `caller-search, ${host.kind}`;
  const asked = (context.quick ? QUICK_LARGE : LARGE)[host.kind];
  await using inMemory = context.quick || context.patient ? null : await memoryFolder(asked);
  const folder = inMemory?.folder ?? context.folder;
  context.progress(`${name}: placing ${asked} messages`);
  const fill = async (count: number): Promise<Filled> => {
    const deposited = SOUGHT * HITS;
    return filled(context, host, { folder: await folder(), ofOneCaller: HITS, deposited, placed: count - deposited });
  };
  await using large = await fill(asked);
  await using small = await fill(SMALL);
  // What was placed is written first: it is not a search that is to wait for it.
  await promisify(execFile)('sync');

  const callsIn = ({ place, remembered }: Filled) =>
    callsOfOurs(host, place, remembered, SOUGHT, (stores, index) => search(stores, index % SOUGHT));
  const calls = { of: 'a search', ours: await callsIn(large), beside: await callsIn(small), least: null };
  const passes = context.quick ? QUICK_PASSES : PASSES;
  const counted = await rounds(context, name, async () => {
    const [inLarge, inSmall] = [timed(large.stores), timed(small.stores)];
    for (let index = 0; index < passes * SOUGHT; index += 1) {
      // Whoever is second may find what the first has left in caches, or its garbage.
      const turns = index % 2 === 0 ? [inLarge, inSmall] : [inSmall, inLarge];
      for (const side of turns) await side.run(index % SOUGHT);
    }
    return { ours: { value: inLarge.medianMs() }, beside: { value: inSmall.medianMs() } };
  });
  const where = host.kind === 'Azure' || inMemory !== null ? 'in memory' : 'on disk';
  const options = {
    name,
    unit: 'ms a search',
    ours: `a caller with ${HITS} of ${asked.toLocaleString('en-US')} messages, ${where}, on ${host.by}`,
    beside: `the same with ${HITS} of ${SMALL.toLocaleString('en-US')}`,
    calls,
    // Azurite looks at every object to find some, which the service does not.
    ...(host.kind === 'Azure' ? {} : { aim: { atMost: MAX_RATIO } }),
  };
  return [comparison(options, counted)];
}

/** Searches of which the one in the middle counts: other programs' work is in a few of them, and makes those many times longer. */
function timed(stores: TenantStores): { run(caller: number): Promise<void>; medianMs(): number } {
  const tookMs: number[] = [];
  return {
    run: async (caller) => void tookMs.push((await seconds(() => search(stores, caller))) * MS_PER_SECOND),
    medianMs: () => summary(tookMs).median,
  };
}

/** @throws Error when it does not find what is there. */
async function search(stores: TenantStores, caller: number): Promise<void> {
  const found = await Array.fromAsync(searchCaller(stores, callerNumber(caller)));
  if (found.length !== HITS) throw new Error(`a search found ${found.length} messages of ${HITS}`);
}
