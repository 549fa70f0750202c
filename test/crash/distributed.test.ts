import { TOPICS } from '@voicemail/contracts';
import { openKafkaLog } from '@voicemail/event-log';
import { systemClock, systemIds } from '@voicemail/runtime';
import { isLongForm, kafkaServer, redisServer, waitFor, whenAvailable } from '@voicemail/testing';
import { expect, it } from 'vitest';
import { distributedSite, type DistributedSite } from '../support/distributed.ts';
import { allMessages, postDeposit, postEvent, type Lamp, type Server } from '../support/server.ts';
import { readUncommitted } from '../support/read-uncommitted.ts';
import { lastStep, tabulate } from '../support/steps.ts';

const KILLS = isLongForm() ? 45 : 4;
const BETWEEN_KILLS_MS = 1_000;
/** Of a deposit consumer and a projector at a time, beside the kills; a session is over after 6 s. */
const SUSPENSIONS = isLongForm() ? 5 : 1;
const SUSPENDED_MS = 9_000;
/** So many appends of a process that was suspended are not what was under way before. */
const APPENDS_OF_ONE_AWAKE = 20;
/** Of deposits and actions together. */
const BETWEEN_EVENTS_MS = 20;
/** In partitions 3, 0, 1, 5 and 2: each of two or three members has some. */
const MAILBOXES = ['1001', '1002', '1004', '1010', '1015'];
const SERVICES = ['deposit-consumer', 'deposit-consumer', 'deposit-consumer', 'mwi-projector', 'mwi-projector'];
/**
 * For what the kills left to be done: sessions that end, groups that form anew, what is handled again. After many kills an action may
 * have come minutes before its deposit was stored, and waits in the retry topic of ten minutes.
 */
const BACKLOG_LIMIT_MS = isLongForm() ? 900_000 : 120_000;

const kafka = await kafkaServer();
const redis = await redisServer();

interface Acknowledged {
  readonly deposits: Map<string, Set<string>>;
  readonly deletions: Set<string>;
}

whenAvailable(
  kafka,
  'three deposit consumers and two projectors, killed and suspended under load, on Kafka',
  (startKafka) => {
    whenAvailable(redis, 'and Redis', (startRedis) => {
      it(
        'store each acknowledged event once, count what is stored, and publish revisions that only grow',
        async () => {
          const [broker, counts] = await Promise.all([startKafka(), startRedis()]);
          await using site = await distributedSite(broker.brokers, counts.url);
          const api = await site.start({ service: 'api' });
          const processes = SERVICES.map((service) => startTraced(site, service));
          await Promise.all(processes);
          const stopping = new AbortController();
          const acknowledged: Acknowledged = {
            deposits: new Map(MAILBOXES.map((mailbox) => [mailbox, new Set()])),
            deletions: new Set(),
          };
          const load = keepBusy(api, acknowledged, stopping.signal);
          const steps = new Map<string, number>();
          const suspended = new Set<number>();
          const suspending = suspendInTurn(processes, suspended, steps);
          // Told where it is awaited, after the kills.
          suspending.catch(() => undefined);
          for (let kills = 0; kills < KILLS;) {
            await pause(BETWEEN_KILLS_MS);
            const awake = SERVICES.keys()
              .filter((index) => !suspended.has(index))
              .toArray();
            const index = awake[(kills * 2) % awake.length] ?? 0;
            const victim = await processes[index];
            if (victim === undefined) throw new Error('there is a process for each service');
            // While it was being started it was chosen to be suspended.
            if (suspended.has(index)) continue;
            victim.process.signal('SIGKILL');
            // At once: what is to be suspended next is the new one.
            processes[index] = victim.process.exited.then(() => startTraced(site, SERVICES[index] ?? ''));
            await victim.process.exited;
            count(steps, `killed ${SERVICES[index]}: ${lastStep(victim.process.stdout())}`);
            kills += 1;
          }
          await suspending;
          const all = await Promise.all(processes);
          stopping.abort();
          await load;
          process.stdout.write(`Steps that the kills and suspensions came after:\n${tabulate(steps)}`);
          await expectAllIsThere(api, acknowledged);
          await expectLastWords(broker.brokers, api);
          await expectRevisionsOnlyGrow(broker.brokers);
          for (const { process: one } of [api, ...all]) await one.stop();
        },
        BACKLOG_LIMIT_MS * 3,
      );
    });
  },
);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const startTraced = (site: DistributedSite, service: string): Promise<Server> =>
  site.start({ service, isReady: false, env: { LOG_LEVEL: 'trace' } });

const count = (steps: Map<string, number>, step: string): void => void steps.set(step, (steps.get(step) ?? 0) + 1);

/** Suspends a deposit consumer and a projector at a time, each pair once or more. */
async function suspendInTurn(
  processes: readonly Promise<Server>[],
  suspended: Set<number>,
  steps: Map<string, number>,
): Promise<void> {
  const [consumers, projectors] = [
    [1, 2, 0],
    [3, 4],
  ];
  for (let round = 0; round < SUSPENSIONS; round += 1) {
    const pair = [consumers[round % consumers.length] ?? 0, projectors[round % projectors.length] ?? 0];
    for (const index of pair) suspended.add(index);
    await Promise.all(
      pair.map(async (index) => {
        const service = SERVICES[index] ?? '';
        const server = await processes[index];
        if (server !== undefined) count(steps, `suspended ${service}: ${await suspend(server, service)}`);
        suspended.delete(index);
      }),
    );
  }
}

/**
 * Stops a process for longer than its session, so that others have what it had, and lets it go on. Resolves when it serves again, with
 * the step that it was stopped after.
 */
async function suspend({ process }: Server, service: string): Promise<string> {
  const append = `append ${service === 'mwi-projector' ? TOPICS.mwi : TOPICS.messages}`;
  // While others are killed the group forms anew again and again, and one that was just started has nothing to do yet.
  await waitFor(`${service} is at work`, () => process.stdout().includes(append), Boolean, {
    limitMs: BACKLOG_LIMIT_MS,
  });
  process.signal('SIGSTOP');
  const step = lastStep(process.stdout());
  try {
    await pause(SUSPENDED_MS);
  } finally {
    process.signal('SIGCONT');
  }
  const from = process.stdout().length;
  const appends = (): number => process.stdout().slice(from).split(append).length - 1;
  await waitFor(`${service} serves again`, appends, (times) => times >= APPENDS_OF_ONE_AWAKE, {
    limitMs: BACKLOG_LIMIT_MS,
  });
  return step;
}

/** Deposits, reads and deletions, and notes what was acknowledged with 202. */
async function keepBusy(api: Server, { deposits, deletions }: Acknowledged, signal: AbortSignal): Promise<void> {
  for (let number = 0; !signal.aborted; number += 1) {
    const mailbox = MAILBOXES[number % MAILBOXES.length] ?? '1001';
    const messageId = `m${number}`;
    const answer = await postDeposit(api, { mailbox, messageId, callerId: '+15551212000', urgent: number % 4 === 0 });
    if (answer.status === 202) deposits.get(mailbox)?.add(messageId);
    if (number % 3 === 0) {
      const action = number % 2 === 0 ? 'read' : 'delete';
      const data = { tenant: 't100', mailbox, messageId, action, at: new Date().toISOString() };
      const told = await postEvent(api, TOPICS.messageActions, 'voicemail.message-action.v1', data, `a${number}`);
      if (told.status === 202 && action === 'delete') deletions.add(messageId);
    }
    await pause(BETWEEN_EVENTS_MS);
  }
}

/** Every deposit is stored once unless it was deleted, and every lamp shows what a recount gives. */
async function expectAllIsThere(api: Server, { deposits, deletions }: Acknowledged): Promise<void> {
  expect([...deposits.values()].reduce((sum, ids) => sum + ids.size, 0)).toBeGreaterThan(KILLS * 5);
  for (const [mailbox, ids] of deposits) {
    const expected = [...ids].filter((id) => !deletions.has(id));
    const difference = async (): Promise<{ readonly missing: string[]; readonly besides: string[] }> => {
      const left = new Set(expected);
      const found = (await allMessages(api, mailbox)).map(({ messageId }) => messageId);
      const besides = found.filter((id) => !left.delete(id));
      return { missing: [...left], besides };
    };
    const isNone = ({ missing, besides }: Awaited<ReturnType<typeof difference>>): boolean =>
      missing.length + besides.length === 0;
    await waitFor(`mailbox ${mailbox} holds what was acknowledged`, difference, isNone, { limitMs: BACKLOG_LIMIT_MS });
    const counted = async (): Promise<boolean> => {
      const lamp = await api.json<Lamp>('GET', `/v1/mwi/${mailbox}`);
      const messages = await allMessages(api, mailbox);
      const of = (state: string): number => messages.filter((message) => message.state === state).length;
      return !lamp.stale && lamp.new === of('new') && lamp.old === of('old');
    };
    await waitFor(`the lamp of ${mailbox} shows what is stored`, counted, Boolean, { limitMs: BACKLOG_LIMIT_MS });
  }
}

/** As a subscriber has it that reads the topic of lamps from the start: the last record is the truth. */
async function expectLastWords(brokers: readonly string[], api: Server): Promise<void> {
  const topics = [{ name: TOPICS.mwi, cleanup: { kind: 'compact' as const } }];
  const log = await openKafkaLog({ brokers, clientId: 'reader', topics, clock: systemClock(), ids: systemIds() });
  try {
    const isTold = async (): Promise<boolean> => {
      const last = new Map<string, Lamp & { mailbox: string }>();
      for await (const { key, value } of log.read(TOPICS.mwi)) {
        if (key === null || value === null) continue;
        const { data } = JSON.parse(Buffer.from(value).toString()) as { data: Lamp & { mailbox: string } };
        last.set(key, data);
      }
      for (const mailbox of MAILBOXES) {
        const lamp = await api.json<Lamp>('GET', `/v1/mwi/${mailbox}`);
        const told = last.get(`t100/${mailbox}`);
        if (told?.new !== lamp.new || told.old !== lamp.old || told.revision !== lamp.revision) return false;
      }
      return true;
    };
    await waitFor('the last record of each mailbox is what its lamp shows', isTold, Boolean, {
      limitMs: BACKLOG_LIMIT_MS,
    });
  } finally {
    await log.close();
  }
}

/** No revision goes back, from the topic's start to its end, not even for a reader of what was never committed. */
async function expectRevisionsOnlyGrow(brokers: readonly string[]): Promise<void> {
  const newest = new Map<string, number>();
  for (const { key, value } of await readUncommitted(brokers, TOPICS.mwi)) {
    const { data } = JSON.parse(value) as { data: Lamp };
    expect(data.revision, `of ${key}`).toBeGreaterThanOrEqual(newest.get(key) ?? 0);
    newest.set(key, data.revision);
  }
  expect([...newest.keys()].toSorted()).toEqual(MAILBOXES.map((mailbox) => `t100/${mailbox}`));
}
