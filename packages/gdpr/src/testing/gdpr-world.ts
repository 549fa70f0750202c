import { mkdtemp, rm } from 'node:fs/promises';
import { callsUnderWay } from '@voicemail/object-store';
import { memoryFolder } from '@voicemail/object-store/testing';
import { join } from 'node:path';
import { topicCatalogue, TOPICS, type GdprRequestData } from '@voicemail/contracts';
import type { RequestState } from '@voicemail/domain';
import { openSqliteLog, withAppend, type EventLog } from '@voicemail/event-log';
import { createLedgers, storeDeposit, type TenantStores } from '@voicemail/message-store';
import { mortalAt, openWorld, someDeposit, type World } from '@voicemail/message-store/testing';
import { createLogger, createMetrics, systemIds, whileTimePasses, type ManualClock } from '@voicemail/runtime';
import type { RuleOutcome } from '../run-rule.ts';
import { createGdpr, type Gdpr } from '../create-gdpr.ts';

export const DAY_MS = 86_400_000;
export const CALLER = '+15551212000';
const STEP_MS = 250;

/** A worker as a process has it: its own memory of the ledger, its own name for leases. */
export interface Worker {
  readonly gdpr: Gdpr;
  readonly stores: TenantStores;
  /** Works until nothing is left to do, while time passes. */
  work(): Promise<void>;
  /** Runs the rule, then works: erasures go on. */
  rule(): Promise<RuleOutcome>;
  request(requestId: string): Promise<RequestState | undefined>;
}

/** A tenant's stores, a log, and workers that come and die. */
export interface GdprWorld extends AsyncDisposable {
  readonly world: World;
  readonly clock: ManualClock;
  readonly log: EventLog;
  worker(options?: WorkerOptions): Worker;
  deposit(changes?: Parameters<typeof someDeposit>[0]): Promise<void>;
  /** The ids of the facts of a change that were announced. */
  facts(change: string): Promise<ReadonlySet<string>>;
  /** Lets time pass until something is over. */
  whileTimePasses<T>(waiting: Promise<T>): Promise<T>;
}

interface WorkerOptions {
  readonly stores?: TenantStores;
  readonly log?: EventLog;
}

export const request = (
  requestId: string,
  operation: GdprRequestData['operation'],
  at: string,
  ...phones: string[]
): GdprRequestData => ({
  tenant: 't100',
  requestId,
  operation,
  consumers: phones.map((phone) => ({ phone })),
  requestedAt: at,
});

export async function openGdprWorld(open: () => Promise<World> = openWorld): Promise<GdprWorld> {
  const busy = callsUnderWay();
  const given = await open();
  const behind: World['behind'] = (layer) => given.behind((store, region) => layer(busy.layer(store), region));
  const world: World = { ...given, behind, stores: behind((store) => store) };
  const { clock } = world;
  const ids = systemIds();
  const folder = await mkdtemp(join(memoryFolder(), 'voicemail-gdpr-'));
  const topics = topicCatalogue({ deposits: [], gdprRequests: [] });
  const file = await openSqliteLog({ file: join(folder, 'log.sqlite'), topics, clock, ids });
  let appending = 0;
  const log = withAppend(file, async (records) => {
    appending += 1;
    try {
      return await file.append(records);
    } finally {
      appending -= 1;
    }
  });
  const signal = new AbortController().signal;
  let workers = 0;
  const passes = <T>(waiting: Promise<T>): Promise<T> =>
    whileTimePasses(clock, waiting, { stepMs: STEP_MS, isBusy: () => busy.count() + appending > 0 });
  return {
    world,
    clock,
    log,
    whileTimePasses: passes,
    worker: ({ stores = world.stores, log: ownLog = log } = {}) => {
      workers += 1;
      const ledgers = createLedgers(clock);
      const gdpr = createGdpr({
        log: ownLog,
        ledgers,
        clock,
        ids,
        logger: createLogger({ level: 'silent', name: 'test' }),
        metrics: createMetrics(),
        holder: `worker-${workers}`,
        hardDeadlineMs: 7 * DAY_MS,
      });
      const work = async (): Promise<void> => {
        // Time passes faster here than stores answer: one may seem to be down.
        while ((await passes(gdpr.work(stores, signal))) === 'later');
      };
      return {
        gdpr,
        stores,
        work,
        rule: async () => {
          const outcome = await passes(gdpr.runRule(stores, signal));
          await work();
          return outcome;
        },
        request: async (requestId) => (await ledgers(stores).refresh()).requests.get(requestId),
      };
    },
    deposit: async (changes = {}) => {
      const at = new Date(clock.now()).toISOString();
      const { messageId = 'm1' } = changes;
      const media = { contentType: 'audio/wav', bytes: Buffer.from(`RIFF sound of ${messageId}`) };
      await storeDeposit(world.stores, someDeposit({ depositedAt: at, takenAt: at, media, ...changes }), at);
    },
    facts: async (change) => {
      const found = new Set<string>();
      for await (const { value } of log.read(TOPICS.messages)) {
        if (value === null) continue;
        const event = JSON.parse(Buffer.from(value).toString()) as { id: string; data: { change: string } };
        if (event.data.change === change) found.add(event.id);
      }
      return found;
    },
    [Symbol.asyncDispose]: async () => {
      await log.close();
      await world.remove();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A worker that dies at one of its writes, to a store or to the log; `null`: never. */
export function mortalWorker(
  gdprWorld: GdprWorld,
  dieAt: number | null,
): { readonly worker: Worker; readonly diedAt: () => string | null } {
  const mortal = mortalAt(dieAt);
  const stores = gdprWorld.world.behind(mortal.layer);
  // A log that is a key of a store: its appends are counted among the writes.
  const gate = mortal.layer(stores.master.store);
  const log = withAppend(gdprWorld.log, async (records) => {
    await gate.purge('log/before');
    const positions = await gdprWorld.log.append(records);
    await gate.purge('log/after');
    return positions;
  });
  return { worker: gdprWorld.worker({ stores, log }), diedAt: mortal.diedAt };
}

/** Everything that lies in any store, with keys and tags: for a search of its bytes. */
export async function everyByte({ world }: GdprWorld): Promise<string> {
  let all = '';
  for (const { store } of world.stores.regions) {
    for await (const { key } of store.list('')) {
      const reader = await store.get(key);
      all += `${key}\n${JSON.stringify(reader?.info.tags)}\n`;
      for await (const chunk of reader?.body ?? []) all += Buffer.from(chunk).toString('latin1');
    }
  }
  return all;
}
