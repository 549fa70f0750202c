import { basename, join } from 'node:path';
import { messageFactRecord, topicCatalogue, TOPICS } from '@voicemail/contracts';
import { openSqliteLog, type EventLog, type NewRecord } from '@voicemail/event-log';
import { createProjector, PROJECTOR_LIMITS, type Projector } from '@voicemail/mwi-projector';
import { openSqliteMwiStore } from '@voicemail/mwi-store';
import { createLogger, createMetrics, systemClock, systemIds } from '@voicemail/runtime';
import { openLampTables } from '../bare/lamp-tables.ts';
import { projectBarely, type ProjectedWork } from '../bare/project.ts';
import type { Context, Figure } from '../figure.ts';
import { comparison, type Comparison } from '../measure/comparison.ts';
import { databaseCounts, ioCounts } from '../measure/count-io.ts';
import { databaseSince, since } from '../measure/io-counts.ts';
import { perSecond, rounds } from '../measure/rounds.ts';
import { storedTruth, type StoredTruth } from '../stored/stored-truth.ts';

const TENANT = 't100';
const FIRST_MAILBOX = 10_000;
const STOP_GRACE_MS = 1_000;
const CASES = [
  { name: 'a backlog, 10 of each mailbox', mailboxes: 1_000, facts: 10_000 },
  { name: 'each of another mailbox', mailboxes: 5_000, facts: 5_000 },
];
const QUICK_SHARE = 0.2;

export const projector: Figure = {
  name: 'projector',
  about: 'facts/s through the projector ÷ a bare loop of the same reads, upserts and appends',
  run: async (context) => {
    const comparisons: Comparison[] = [];
    for (const each of CASES) comparisons.push(await compare(context, each));
    return comparisons;
  },
};

async function compare(context: Context, { name, ...size }: (typeof CASES)[number]): Promise<Comparison> {
  const share = context.quick ? QUICK_SHARE : 1;
  const [facts, mailboxes] = [Math.round(size.facts * share), Math.round(size.mailboxes * share)];
  const folder = await context.folder();
  const clock = systemClock();
  const ids = systemIds();
  const topics = topicCatalogue({ deposits: [], gdprRequests: [] });
  const log = await openSqliteLog({ file: join(folder, 'log.sqlite'), topics, clock, ids });
  const mwi = await openSqliteMwiStore({ file: join(folder, 'mwi.sqlite'), clock, ids });
  const bare = openLampTables(join(folder, 'bare-mwi.sqlite'), join(folder, 'bare-log.sqlite'));
  const truth = storedTruth();
  const start = async (): Promise<Projector> => {
    const started = createProjector({
      log,
      mwi,
      clock,
      ids,
      messages: truth,
      metrics: createMetrics(),
      tenants: () => [{ tenantId: TENANT, sipDomain: 'voice.example.com' }],
      logger: createLogger({ level: 'silent', name: 'bench' }),
    });
    await started.start();
    return started;
  };
  const counted = await rounds(context, `projector, ${name}`, async (round) => {
    bare.addFacts(inReadingOrder(await announce(log, truth, round, facts, mailboxes)));
    const [lampsBefore, databasesBefore, before] = [await lampsIn(log), databaseCounts(), ioCounts()];
    let running: Projector | undefined;
    const ours = await perSecond(facts, async () => {
      running = await start();
      await running.idle();
    });
    await running?.stop(STOP_GRACE_MS);
    const [middle, databases] = [ioCounts(), databaseCounts()];
    const inCounts = databaseSince(databasesBefore, databases, `${basename(folder)}/mwi.sqlite`);
    const inLog = databaseSince(databasesBefore, databases, `${basename(folder)}/log.sqlite`);
    const work: ProjectedWork = {
      facts,
      lampRows: Math.max(0, inCounts.rows - facts),
      lampsPublished: (await lampsIn(log)) - lampsBefore,
      countCommits: inCounts.commits,
      logCommits: inLog.commits,
    };
    const beside = await perSecond(facts, async () => projectBarely(bare, work));
    return {
      ours: { value: ours, io: since(before, middle), count: facts },
      beside: { value: beside, io: since(middle, ioCounts()), count: facts },
    };
  });
  await mwi.close();
  await log.close();
  bare.close();
  return comparison(
    {
      name: `projector, ${name}`,
      unit: 'facts/s',
      ours: 'the projector on the embedded log and counts',
      beside: 'bare loop: the same facts read, rows put and lamps appended, in as many transactions',
    },
    counted,
  );
}

/** Stores messages and appends their facts, mailbox after mailbox. @returns them. */
async function announce(
  log: EventLog,
  truth: StoredTruth,
  round: number,
  facts: number,
  mailboxes: number,
): Promise<readonly NewRecord[]> {
  const at = new Date().toISOString();
  const records = Array.from({ length: facts }, (_, index) => {
    const mailbox = String(FIRST_MAILBOX + (index % mailboxes));
    const entry = { messageId: `fact-${round}-${index}`, revision: 1, state: 'new' as const, urgent: false };
    truth.put(mailbox, entry);
    const data = { tenant: TENANT, mailbox, ...entry, change: 'deposited' as const, at };
    return messageFactRecord(data, { id: `${round}-${index}`, source: '/bench', time: at });
  });
  await log.append(records);
  return records;
}

/** The facts' bytes as a projector comes to them: of all that it has read ahead, a mailbox's together. */
function inReadingOrder(records: readonly NewRecord[]): readonly Uint8Array[] {
  const readAhead = (index: number): number => Math.floor(index / PROJECTOR_LIMITS.maxBufferedRecords);
  return records
    .map(({ key, value }, index) => ({ key: key ?? '', value: value ?? new Uint8Array(), part: readAhead(index) }))
    .toSorted((a, b) => a.part - b.part || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ value }) => value);
}

async function lampsIn(log: EventLog): Promise<number> {
  let published = 0;
  for await (const { offset } of log.read(TOPICS.mwi)) published = offset + 1;
  return published;
}
