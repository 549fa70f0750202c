import { depositRecord, messageActionRecord } from '@voicemail/contracts';
import { isStub, type Metadata } from '@voicemail/domain';
import type { LogRecord, NewRecord } from '@voicemail/event-log';
import { openGdprWorld, request, CALLER, DAY_MS, type GdprWorld } from '@voicemail/gdpr/testing';
import { listRecords, type TenantStores } from '@voicemail/message-store';
import { withFaults } from '@voicemail/object-store';
import { isLongForm } from '@voicemail/testing';
import { expect, it } from 'vitest';
import { handleAction, NotThereYet } from './handle-action.ts';
import { handleDeposit, type HandlerContext } from './handle-deposit.ts';
import { consumerOf } from './testing/gdpr-consumer.ts';

const RUNS = isLongForm() ? 1_000 : 60;
const FIRST_SEED = 1;
const AT_ONCE = 4;

const HOUR_MS = 3_600_000;
const STOPPED_MS = 40_000;
const LONGEST_PAUSE_MS = 9_000;

/** Numbers in [0, 1) that a seed repeats (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A process whose calls take as long as the seed says: some none, some seconds, now and then one as if it had been stopped; it may die. */
function unsteady(world: GdprWorld, random: () => number, dieAfterCalls: number): TenantStores {
  let calls = 0;
  return world.world.behind((store) =>
    withFaults(store, async ({ moment }) => {
      calls += 1;
      if (calls > dieAfterCalls) throw new Error('the process died');
      if (random() > 0.25) return;
      const isStopped = random() < 0.1;
      await world.clock.sleep(isStopped ? STOPPED_MS : Math.round(random() * LONGEST_PAUSE_MS));
      if (moment === 'after' && calls > dieAfterCalls) throw new Error('the process died');
    }),
  );
}

const NEVER = Number.POSITIVE_INFINITY;

interface Made {
  readonly messageId: string;
  readonly record: LogRecord;
  /** ms since the epoch: the earlier of what its publisher says and when the log took it. */
  readonly timeMs: number;
}

/** A deposit whose publisher's clock may be hours off. */
function made(world: GdprWorld, random: () => number, number: number, cutoffMs: number): Made {
  const messageId = `m${number}`;
  const takenMs = cutoffMs + Math.round((random() - 0.5) * 2 * HOUR_MS);
  const saidMs =
    random() < 0.3 ? takenMs + Math.round((random() - 0.5) * 6 * HOUR_MS) : takenMs - Math.round(random() * 1_000);
  const record = depositRecord(
    {
      tenant: 't100',
      mailbox: '9876',
      messageId,
      callerId: CALLER,
      region: random() < 0.5 ? 'westus2' : 'westeurope',
      depositedAt: new Date(saidMs).toISOString(),
      priority: 'normal',
      private: false,
      durationMs: 1_000,
      media: { contentType: 'audio/wav', base64: Buffer.from(`RIFF sound of ${messageId}`).toString('base64') },
    },
    { id: `e${number}`, source: '/test', time: new Date(saidMs).toISOString() },
  );
  return { messageId, record: taken(record, number, takenMs), timeMs: Math.min(takenMs, saidMs) };
}

const taken = ({ headers = {}, ...record }: NewRecord, offset: number, appendedAt: number): LogRecord => ({
  ...record,
  headers,
  partition: 0,
  offset,
  appendedAt,
});

/** Everything that a request and deposits do at once, then what redelivery does, then a look. */
async function race(seed: number): Promise<void> {
  const random = randomOf(seed);
  await using world = await openGdprWorld();
  const cutoffMs = world.clock.now();
  const cutoff = new Date(cutoffMs).toISOString();
  const all = Array.from({ length: 3 }, (_, index) => made(world, random, index, cutoffMs));
  const forward = taken(
    messageActionRecord(
      { tenant: 't100', mailbox: '9876', messageId: 'm0', action: 'forward', toMailbox: '42', at: cutoff },
      { id: 'forward-0', source: '/test', time: cutoff },
    ),
    99,
    cutoffMs,
  );
  const attempt = async (run: (context: HandlerContext) => Promise<void>, dieAfterCalls: number): Promise<boolean> => {
    const context = consumerOf(world, unsteady(world, random, dieAfterCalls));
    await world.clock.sleep(Math.round(random() * 2 * LONGEST_PAUSE_MS));
    return run(context).then(
      () => true,
      (error: unknown) => {
        if (error instanceof NotThereYet || String(error).includes('the process died')) return false;
        throw error;
      },
    );
  };
  const deposits = all.map(({ record }) => async (): Promise<void> => {
    const dies = random() < 0.3 ? Math.floor(random() * 30) : NEVER;
    const first = attempt((context) => handleDeposit(context, record), dies);
    // A record whose member was thought to be dead comes again, maybe while the first attempt is still at it.
    const again = attempt((context) => handleDeposit(context, record), NEVER);
    await Promise.all([first, again]);
  });
  const forwards = async (): Promise<void> => {
    while (
      !(await attempt((context) => handleAction(context, forward), random() < 0.3 ? Math.floor(random() * 30) : NEVER))
    );
  };
  const saga = world.worker({ stores: unsteady(world, random, NEVER) });
  const forget = async (): Promise<void> => {
    await world.clock.sleep(Math.round(random() * 2 * LONGEST_PAUSE_MS));
    await saga.gdpr.take(saga.stores, request('f1', 'forgetme', cutoff, CALLER), cutoff);
    while ((await saga.gdpr.work(saga.stores, new AbortController().signal)) === 'later');
  };
  await world.whileTimePasses(Promise.all([...deposits.map((run) => run()), forwards(), forget()]));

  for (const { value } of await recordsOf(world)) {
    const isEarly = Date.parse((value as Metadata).time) <= cutoffMs;
    expect(isStub(value), `${value.messageId} is there`).toBe(false);
    const { forgetRequestIds, region, media } = value as Metadata;
    expect(forgetRequestIds ?? [], `the mark of ${value.mailbox}/${value.messageId}`).toEqual(isEarly ? ['f1'] : []);
    const { store } = world.world.stores.regions.find(({ name }) => name === region)!;
    expect((await store.head(media.key))?.tags['forgetme'], `the tag of ${media.key}`).toBe(
      isEarly ? 'true' : undefined,
    );
  }
  await erase(world, all, cutoffMs, random);
}

const recordsOf = async ({ world }: GdprWorld) =>
  (await Promise.all(['9876', '42'].map((mailbox) => Array.fromAsync(listRecords(world.stores, mailbox))))).flat();

/** The rule runs, deposits come again meanwhile: of what is early nothing is left, of what is late everything. */
async function erase(world: GdprWorld, all: readonly Made[], cutoffMs: number, random: () => number): Promise<void> {
  await world.clock.advance(DAY_MS + HOUR_MS);
  const context = consumerOf(world, unsteady(world, random, NEVER));
  const replays = async (): Promise<void> => {
    for (const { record } of all) {
      await world.clock.sleep(Math.round(random() * LONGEST_PAUSE_MS));
      await handleDeposit(context, record);
    }
  };
  const worker = world.worker();
  await Promise.all([worker.rule(), world.whileTimePasses(replays())]);
  for (let day = 0; day < 3 && (await worker.request('f1'))?.phase !== 'erased'; day += 1) {
    await world.clock.advance(DAY_MS + HOUR_MS);
    await worker.rule();
  }
  expect((await worker.request('f1'))?.phase).toBe('erased');
  const left = (await recordsOf(world)).filter(({ value }) => !isStub(value)).map(({ value }) => value as Metadata);
  expect(left.filter(({ time }) => Date.parse(time) <= cutoffMs)).toEqual([]);
  const late = all.filter(({ timeMs }) => timeMs > cutoffMs).map(({ messageId }) => messageId);
  expect(left.filter(({ mailbox }) => mailbox === '9876').map(({ messageId }) => messageId)).toEqual(late);
  const early = new Set(all.filter(({ timeMs }) => timeMs <= cutoffMs).map(({ messageId }) => `sound of ${messageId}`));
  for (const { store } of world.world.stores.regions) {
    for await (const { key } of store.list('t100/mailboxes/')) {
      const chunks = await Array.fromAsync((await store.get(key))?.body ?? []);
      const sound = Buffer.concat(chunks).toString().replace('RIFF ', '');
      expect([...early].filter((one) => one === sound)).toEqual([]);
    }
  }
}

it(
  'every deposit that races with a forget ends marked if it is from before, untouched if after',
  async () => {
    let raced = 0;
    const seeds = Array.from({ length: RUNS }, (_, index) => FIRST_SEED + index);
    for (let at = 0; at < seeds.length; at += AT_ONCE) {
      await Promise.all(
        seeds.slice(at, at + AT_ONCE).map(async (seed) => {
          await race(seed).catch((error: unknown) => {
            throw new Error(`seed ${seed}`, { cause: error });
          });
          raced += 1;
        }),
      );
    }
    expect(raced).toBe(RUNS);
  },
  isLongForm() ? 3_600_000 : 600_000,
);
