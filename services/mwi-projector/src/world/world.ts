import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  messageFactRecord,
  readMwi,
  topicCatalogue,
  TOPICS,
  type MessageFactData,
  type MwiData,
} from '@voicemail/contracts';
import { countEntries, type CountEntry, type MessageState } from '@voicemail/domain';
import { openSqliteLog, type EventLog } from '@voicemail/event-log';
import { openSqliteMwiStore, type MailboxFacts, type MailboxRef, type MwiStore } from '@voicemail/mwi-store';
import { createLogger, createMetrics, manualClock, systemClock, systemIds, type ManualClock } from '@voicemail/runtime';
import { expect, vi } from 'vitest';
import type { ProjectorLimits } from '../limits.ts';
import { createProjector, type Projector } from '../projector.ts';
import type { ProjectedTenant } from '../recount-source.ts';
import { memoryTruth, type Truth } from './truth.ts';

export const TENANT = 't100';
export const SIP_DOMAIN = 'voice.example.com';
const NOON_MS = Date.parse('2026-11-02T12:00:00Z');

const STOP_GRACE_MS = 2_000;
/** How much time passes between two looks at a condition. */
const STEP_MS = 1_000;

/** What a projector is made of besides its own rules; a test may put something between. */
export interface Parts {
  readonly log: EventLog;
  readonly mwi: MwiStore;
  readonly tenants?: () => readonly ProjectedTenant[];
  readonly limits?: Partial<ProjectorLimits>;
}

/** A projector's surroundings: the real log and counts, stores in memory, a clock that stands still. */
export interface World {
  readonly log: EventLog;
  readonly mwi: MwiStore;
  readonly truth: Truth;
  readonly clock: ManualClock;
  readonly logged: string[];
  /** Stores a message and announces it, as the deposit consumer does. */
  message(
    mailbox: string,
    messageId: string,
    revision: number,
    state?: MessageState | 'gone',
    urgent?: boolean,
  ): Promise<void>;
  /** Announces alone. */
  announce(mailbox: string, entry: CountEntry): Promise<void>;
  settings(mailbox: string, facts: MailboxFacts): Promise<void>;
  /** Starts a projector of its own, with everything as it is but for `parts`. */
  start(parts?: Partial<Parts>): Promise<Projector>;
  /** The records of `voicemail.mwi` as they lie in the log. */
  published(mailbox: string): Promise<readonly MwiData[]>;
  /** Waits until the counts, and the last record published, are what the stores say. */
  settled(mailbox: string): Promise<void>;
  /** Waits for a condition while time passes. */
  eventually<T>(condition: () => T | Promise<T>): Promise<T>;
  metric(line: string): Promise<number>;
  /** Loses the counts, as a removed file does between two runs. */
  loseCounts(): Promise<MwiStore>;
  close(): Promise<void>;
}

export const at = (mailbox: string): MailboxRef => ({ tenant: TENANT, mailbox });

export async function openWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'projector-'));
  const clock = manualClock(NOON_MS);
  const ids = systemIds();
  const logged: string[] = [];
  const metrics = createMetrics();
  const truth = memoryTruth(TENANT);
  const mwiFile = join(folder, 'mwi.db');
  const openMwi = (): Promise<MwiStore> => openSqliteMwiStore({ file: mwiFile, clock, ids });
  const topics = topicCatalogue({ deposits: [], gdprRequests: [] });
  // The log keeps real time: its pauses between attempts are not what is tested here.
  const log = await openSqliteLog({ file: join(folder, 'log.db'), topics, clock: systemClock(), ids });
  let mwi = await openMwi();
  const tenants = [{ tenantId: TENANT, sipDomain: SIP_DOMAIN }];
  const projectors: Projector[] = [];
  const time = (): string => new Date(clock.now()).toISOString();

  const append = async (fact: MessageFactData): Promise<void> => {
    await log.append([messageFactRecord(fact, { id: ids.uuid(), source: '/test', time: time() })]);
  };
  const announce = (mailbox: string, { messageId, revision, state, urgent }: CountEntry): Promise<void> => {
    const change = state === 'gone' ? 'deleted' : state === 'old' ? 'read' : 'deposited';
    return append({ tenant: TENANT, mailbox, messageId, change, state, urgent, revision, at: time() });
  };
  const published = async (mailbox: string): Promise<readonly MwiData[]> => {
    const records: MwiData[] = [];
    for await (const record of log.read(TOPICS.mwi)) {
      const data = readMwi(record);
      if (data.mailbox === mailbox) records.push(data);
    }
    return records;
  };
  const eventually = <T>(condition: () => T | Promise<T>): Promise<T> =>
    vi.waitFor(
      async () => {
        try {
          return await condition();
        } catch (error) {
          await clock.advance(STEP_MS);
          throw error;
        }
      },
      { timeout: 60_000, interval: 5 },
    );

  return {
    get mwi() {
      return mwi;
    },
    log,
    truth,
    clock,
    logged,
    announce,
    published,
    eventually,
    message: async (mailbox, messageId, revision, state = 'new', urgent = false) => {
      const entry = { messageId, revision, state, urgent };
      truth.put(mailbox, entry);
      await announce(mailbox, entry);
    },
    settings: async (mailbox, facts) => {
      truth.putSettings(mailbox, facts);
      await append({
        tenant: TENANT,
        mailbox,
        change: 'mailbox-changed',
        at: time(),
        ...facts,
        users: [...facts.users],
      });
    },
    start: async (parts = {}) => {
      const projector = createProjector({
        log,
        mwi,
        messages: truth,
        tenants: () => tenants,
        clock,
        ids,
        metrics,
        logger: createLogger({ level: 'debug', name: 'test', destination: { write: (line) => logged.push(line) } }),
        ...parts,
      });
      projectors.push(projector);
      await projector.start();
      return projector;
    },
    settled: (mailbox) =>
      eventually(async () => {
        const counts = countEntries(truth.live(mailbox));
        const snapshot = await mwi.read(at(mailbox));
        expect(snapshot).toMatchObject({ counts, stale: false });
        const last = (await published(mailbox)).at(-1);
        expect(last).toMatchObject({ ...counts, revision: snapshot?.revision });
        expect(snapshot?.publishedRevision).toBe(snapshot?.revision);
      }),
    metric: async (name) => {
      const { text } = await metrics.expose();
      const line = text.split('\n').find((each) => each.startsWith(`${name} `));
      return line === undefined ? 0 : Number(line.slice(name.length + 1));
    },
    loseCounts: async () => {
      await mwi.close();
      rmSync(mwiFile);
      mwi = await openMwi();
      return mwi;
    },
    close: async () => {
      const stopped = Promise.all(projectors.map((projector) => projector.stop(STOP_GRACE_MS)));
      await clock.advance(STOP_GRACE_MS);
      await stopped;
      await log.close();
      await mwi.close();
      rmSync(folder, { recursive: true });
    },
  };
}
